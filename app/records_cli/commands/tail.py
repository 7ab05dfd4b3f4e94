"""`handrail records tail`: exchanges as they end, until Ctrl-C."""

import argparse
import contextlib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NoReturn

from app.records.following import Following
from app.records.plain_rows import PlainRow, json_line
from app.records.reading import UnreadableRecord
from app.records_cli.asking import add_filters, filter_of, reading_of, settings_of
from app.records_cli.columns import table, terminal_width
from app.records_cli.group import Commands, command_parser
from app.records_cli.line import WIDTHS, cells, names

_LEAST_SHARE = 5
"""Of its time that the database is left alone: so many times as long as it took to answer."""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "tail",
        _tail,
        help_="show exchanges as they end",
        description="Show exchanges as they end, a line each, until Ctrl-C.",
    )
    add_filters(parser)
    parser.add_argument("--interval", metavar="S", type=float, default=0.5, help="between two looks (0.5)")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON, with all columns")


def _tail(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    now = datetime.now(UTC)
    asked = filter_of(options, settings, now)
    since = datetime.fromisoformat(asked.since) if asked.since else now - timedelta(seconds=1)
    with contextlib.closing(reading_of(options, settings)) as reading:
        try:
            show = _show_json if options.json else _Lines().show
            follow(Following(reading, asked, since), show, options.interval)
        except KeyboardInterrupt:
            return 0


def follow(
    following: Following,
    show: Callable[[list[PlainRow]], None],
    interval_s: float,
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Show what is new, for ever. A record that was there and is away for a moment is said once."""
    show(following.new(datetime.now(UTC)))
    is_away = False
    while True:
        began = time.monotonic()
        try:
            rows = following.new(datetime.now(UTC))
        except UnreadableRecord as error:
            if not is_away:
                sys.stderr.write(f"handrail: {error}; trying again\n")
            is_away, rows = True, []
        else:
            is_away = False
        show(rows)
        sleep(max(interval_s, _LEAST_SHARE * (time.monotonic() - began)))


def _show_json(rows: list[PlainRow]) -> None:
    for row in rows:
        sys.stdout.write(f"{json_line(row).decode()}\n")
    sys.stdout.flush()


class _Lines:
    """A table that grows."""

    def __init__(self) -> None:
        self._is_begun = False

    def show(self, rows: list[PlainRow]) -> None:
        """Print rows, the first ones below the names of the columns."""
        width = terminal_width()
        lines = table(names(width), (cells(row, width) for row in rows), width, WIDTHS)
        shown = islice(lines, 1 if self._is_begun else 0, None)
        sys.stdout.writelines(f"{line}\n" for line in shown)
        self._is_begun = True
        sys.stdout.flush()
