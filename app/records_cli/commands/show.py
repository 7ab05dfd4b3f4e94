"""`handrail records show`: one exchange whole, as a story or as JSON."""

import argparse
import contextlib
import sys

import msgspec

from app.recording import protection_for
from app.records.opened_bodies import opened
from app.records.plain_rows import json_line
from app.records.protection import Protection
from app.records.queries import places_of, whole
from app.records_cli.asking import reading_of, settings_of
from app.records_cli.group import CommandFailed, Commands, command_parser
from app.records_cli.story import story

_MOST = 20


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "show",
        _show,
        help_="show an exchange whole",
        description="Show an exchange: what came, what guardrails and providers made of it, what went out, "
        "what it cost, texts as they were recorded. Of several with one trace id or beginning the first "
        f"{_MOST}.",
    )
    parser.add_argument("name", metavar="ID", help="an exchange's id, a trace id, or the beginning of either")
    parser.add_argument(
        "--json", action="store_true", help="print each as a line of JSON, all rows of all tables"
    )


def _show(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    reading = reading_of(options, settings)
    with contextlib.closing(reading), reading.connect() as connection:
        places = places_of(connection, options.name, most=_MOST)
        found = [one for place in places if (one := whole(connection, place)) is not None]
    if not found:
        raise CommandFailed(f"no exchange is named {options.name}, by id, trace id or the beginning of one")
    protection = Protection() if settings is None else protection_for(settings)
    for i, one in enumerate(opened(sealed, protection) for sealed in found):
        if options.json:
            sys.stdout.write(f"{json_line(msgspec.structs.asdict(one)).decode()}\n")
        else:
            sys.stdout.write("\n" if i else "")
            sys.stdout.writelines(f"{line}\n" for line in story(one))
    return 0
