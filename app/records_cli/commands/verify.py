"""`handrail records verify`: whether the record is what was written, and what is not."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from app.recording import body_keys_of
from app.records.asked_times import asked_time
from app.records.engine import UnusableUrl
from app.records.signing_key import UnusableKey, public_key_of
from app.records.verification import Asked, Verification, verify
from app.records_cli.asking import settings_of
from app.records_cli.group import CommandFailed, Commands, command_parser
from app.records_cli.progress import Progress

_UNSOUND = 2
"""Exit status where something is wrong with the record; 1: it could not be verified."""
_CHECKPOINT = {"writer", "sequence", "hash", "previous_sequence", "signed_at", "key_id", "signature"}


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "verify",
        _verify,
        help_="prove that nothing was changed",
        description="Prove that nothing on record was changed, deleted, inserted, reordered or cut off, and "
        "name what was. Exit status 0: all is as it was written; 2: it is not; 1: nobody could tell.",
    )
    parser.add_argument("--json", action="store_true", help="print what came of it as JSON")
    parser.add_argument(
        "--public-key",
        metavar="KEY",
        action="append",
        default=[],
        help="that signed (PEM, base64, or a file with either; also the signing key itself); without, the "
        "one that the record states is believed",
    )
    parser.add_argument("--since", metavar="TIME", help="leave out what came before")
    parser.add_argument(
        "--log", metavar="FILE", type=Path, action="append", default=[], help="lines of the service, as JSON"
    )


def _verify(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    url = options.database if settings is None else settings.records.url.reveal()
    try:
        asked = Asked(
            url=url,
            body_keys={} if settings is None else body_keys_of(settings),
            public_keys=tuple(map(public_key_of, options.public_key)),
            since=None if options.since is None else asked_time(options.since, datetime.now(UTC)),
            logged=tuple(line for path in options.log for line in _checkpoints(path)),
        )
        progress = Progress(sys.stderr, "exchanges")
        done = verify(asked, progress.tell)
        progress.end()
    except (UnusableKey, UnusableUrl) as error:
        raise CommandFailed(str(error)) from error
    except sa.exc.SQLAlchemyError as error:
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else type(error).__name__
        raise CommandFailed(f"the record cannot be read: {reason}") from error
    lines = [msgspec.json.encode(done.document()).decode()] if options.json else _lines(done)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0 if done.is_sound else _UNSOUND


def _checkpoints(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    for line in lines:
        if '"record_checkpoint"' not in line:
            continue
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict) and fields.keys() >= _CHECKPOINT:
            yield {name: fields[name] for name in _CHECKPOINT}


def _lines(done: Verification) -> Iterator[str]:
    for flaw in done.flaws:
        yield f"{flaw.table}: {flaw.kind}: {flaw.what}: {flaw.why}"
    if done.flaws_total > len(done.flaws):
        yield f"... and {done.flaws_total - len(done.flaws):,} more"
    yield (
        f"{done.proven:,} of {done.exchanges:,} exchanges proven, {done.rows:,} rows, "
        f"{done.writers:,} chains, {done.entries:,} entries, {done.checkpoints:,} checkpoints"
    )
    if done.unchained:
        yield f"{done.unchained:,} exchanges are from before the first chain: nothing proves them"
    if done.sealed_bodies:
        yield f"{done.sealed_bodies:,} bodies are encrypted with a key that is not at hand"
    if done.key == "stated" and done.checkpoints:
        yield "signatures were held against the key that the record itself states: give --public-key"
    yield "sound" if done.is_sound else f"NOT SOUND: {done.flaws_total:,} flaws"
