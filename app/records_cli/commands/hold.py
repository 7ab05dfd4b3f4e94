"""`handrail records hold`: what must neither be erased nor dropped for its age."""

import argparse
import sys
from datetime import UTC, datetime

from app.records.holds import Named, add_hold, holds, id_of, release_hold
from app.records.plain_rows import json_line
from app.records_cli.changing import changing, whoever
from app.records_cli.group import CommandFailed, Commands, command_parser


def add(commands: Commands) -> None:
    """Add the commands."""
    group = commands.add_parser(
        "hold",
        help="keep something from being erased",
        description="Legal holds: add, list and release them.",
    )
    actions = group.add_subparsers(required=True, metavar="add|list|release")
    about = "One exchange, all of a person, or all that began in a span of time."
    adding = command_parser(actions, "add", _add, help_="hold something", description=about)
    adding.add_argument("--exchange", metavar="ID", help="one exchange")
    adding.add_argument("--subject", metavar="PERSON", help="all of them: _user of the metadata")
    adding.add_argument("--since", metavar="TIME", help="what began then or later")
    adding.add_argument("--until", metavar="TIME", help="what began before")
    adding.add_argument("--reason", metavar="TEXT", required=True, help="why; name no person in it")
    command_parser(actions, "list", _list, help_="list holds", description="List holds as lines of JSON.")
    releasing = command_parser(actions, "release", _release, help_="end a hold", description="End a hold.")
    releasing.add_argument("id", metavar="ID", help="of the hold")


def _add(options: argparse.Namespace) -> int:
    with changing(options) as record:
        key = None if record.settings is None else record.settings.fingerprint_key
        named = Named(options.exchange, options.subject, options.since, options.until)
        about = named.about(key, datetime.now(UTC))
        for id_ in add_hold(record.changes, about, options.reason, whoever()):
            sys.stdout.write(f"{id_}\n")
    return 0


def _list(options: argparse.Namespace) -> int:
    with changing(options) as record, record.changes.looking() as connection:
        for hold in holds(connection):
            sys.stdout.write(f"{json_line(hold).decode()}\n")
    return 0


def _release(options: argparse.Namespace) -> int:
    with changing(options) as record:
        if not release_hold(record.changes, id_of(options.id, "id"), whoever()):
            raise CommandFailed(f"there is no hold {options.id} that was not released")
    return 0
