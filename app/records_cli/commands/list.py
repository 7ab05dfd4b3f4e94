"""`handrail records list`: which exchanges there were, newest first."""

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator

from app.records.plain_rows import PlainRow, json_line
from app.records.queries import MOST, page
from app.records_cli.asking import add_filters, filter_of, reading_of, settings_of
from app.records_cli.columns import table, terminal_width
from app.records_cli.group import Commands, command_parser
from app.records_cli.line import cells, names


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "list",
        _list,
        help_="list exchanges",
        description="List exchanges, newest first, a line each.",
    )
    add_filters(parser)
    parser.add_argument("--limit", metavar="N", type=int, default=50, help="at most so many (50); 0: all")
    parser.add_argument("--oldest-first", action="store_true", help="the other way round")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON, with all columns")


def _list(options: argparse.Namespace) -> int:
    rows = _rows(options)
    if options.json:
        for row in rows:
            sys.stdout.write(f"{json_line(row).decode()}\n")
    else:
        width = terminal_width()
        lines = table(names(width), (cells(row, width) for row in rows), width)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _rows(options: argparse.Namespace) -> Iterable[PlainRow]:
    settings = settings_of(options)
    asked = filter_of(options, settings)
    left = options.limit or sys.maxsize

    def rows() -> Iterator[PlainRow]:
        cursor, there = None, left
        with contextlib.closing(reading_of(options, settings)) as reading:
            while there > 0:
                with reading.connect() as connection:
                    shown = page(
                        connection,
                        asked,
                        limit=min(there, MOST),
                        cursor=cursor,
                        newest_first=not options.oldest_first,
                    )
                yield from shown.exchanges
                there -= len(shown.exchanges)
                cursor = shown.next_cursor
                if cursor is None:
                    return

    return rows()
