"""`handrail records rotate`: bodies are encrypted anew, under the key that is active."""

import argparse
import sys

import msgspec

from app.recording import protection_for
from app.records.rotation import rotate
from app.records_cli.changing import changing
from app.records_cli.group import CommandFailed, Commands, command_parser
from app.records_cli.progress import Progress


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "rotate",
        _rotate,
        help_="encrypt bodies under the active key",
        description="Encrypt bodies under the key that records.encryption.active names: those of older keys, "
        "and those that were not encrypted. It may be broken off and goes on from there.",
    )
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def _rotate(options: argparse.Namespace) -> int:
    with changing(options) as record:
        active = None if record.settings is None else record.settings.records.encryption.active
        if record.settings is None or active is None:
            raise CommandFailed("no key is active: set records.encryption.active in the configuration")
        progress = Progress(sys.stderr, "bodies")
        done = rotate(record.changes, protection_for(record.settings), active, progress.tell)
        progress.end()
    if options.json:
        sys.stdout.write(f"{msgspec.json.encode(done).decode()}\n")
    else:
        sys.stdout.write(f"{done.bodies:,} bodies are encrypted with {active} now\n")
    if done.unreadable:
        which = ", ".join(f"{count:,} of {key!r}" for key, count in sorted(done.unreadable.items()))
        raise CommandFailed(
            f"bodies could not be read, for want of their key in records.encryption.keys: {which}"
        )
    return 0
