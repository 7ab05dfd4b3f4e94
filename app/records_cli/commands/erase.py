"""`handrail records erase`: what the record holds of a person, or of one exchange, goes."""

import argparse
import sys
from collections.abc import Iterator

import msgspec

from app.records.erasure import Erased, erase
from app.records.subjects import subjects_of
from app.records.whose import NoExchange, Whose, exchange_named
from app.records_cli.changing import Changing, changing
from app.records_cli.group import CommandFailed, Commands, command_parser
from app.records_cli.progress import Progress

_INCOMPLETE = 3
"""Exit status where something that was meant is still there and not held."""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "erase",
        _erase,
        help_="erase what is recorded of a person, or of an exchange",
        description="Erase bodies and words of exchanges, and what was reported of them: all of a person, or "
        "one exchange. Rows stay with their numbers; the proof stays valid, and an event says what was done. "
        "Exit status 3: something was under way or on its way; erase once more.",
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--subject", metavar="PERSON", help="all that is about them: _user of the metadata")
    whose.add_argument("--exchange", metavar="ID", help="one exchange")
    parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def _erase(options: argparse.Namespace) -> int:
    with changing(options) as record:
        whose = _whose(options, record)
        progress = Progress(sys.stderr, "exchanges")
        done = erase(record.changes, whose, record.journals, progress.tell, dry_run=options.dry_run)
        progress.end()
    if options.json:
        sys.stdout.write(f"{msgspec.json.encode(done).decode()}\n")
    else:
        sys.stdout.writelines(
            f"{line}\n" for line in _lines(done, "would be erased" if options.dry_run else "erased")
        )
    return _INCOMPLETE if done.left or done.under_way else 0


def _whose(options: argparse.Namespace, record: Changing) -> Whose:
    if options.exchange is not None:
        try:
            return exchange_named(options.exchange)
        except NoExchange as error:
            raise CommandFailed(str(error)) from error
    key = None if record.settings is None else record.settings.fingerprint_key
    return Whose(subjects=subjects_of(options.subject, key), name=options.subject)


def _lines(done: Erased, word: str) -> Iterator[str]:
    yield (
        f"{word}: {done.exchanges:,} exchanges, {done.waiting:,} in journals, {done.feedback:,} feedback, "
        f"{done.inserted_logs:,} inserted logs"
    )
    if done.held:
        yield f"{done.held:,} exchanges are under a hold: spared"
    if done.under_way:
        yield f"{done.under_way:,} exchanges have not ended: erase once more when they have"
    if done.left:
        yield f"{done.left:,} exchanges have not left the journal yet: erase once more"
