"""`handrail records export`: the record as a file, whole exchanges, in the memory of a few."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from app.records.export import Tell, csv_lines, flat_rows, json_lines
from app.records.filters import Filter
from app.records.parquet import write_parquet
from app.records.queries import count
from app.records_cli.asking import add_filters, filter_of, reading_of, settings_of
from app.records_cli.group import CommandFailed, Commands, command_parser
from app.records_cli.progress import Progress
from app.records_cli.whole_file import whole_file

_Write = Callable[[sa.Connection, Filter, Tell, IO[bytes]], None]


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "export",
        _export,
        help_="write exchanges into a file",
        description="Write exchanges into a file, as they are at this moment. jsonl: a line for each row of "
        "each table, with all that proves them; csv, parquet: a row an exchange. The file is there as a "
        "whole or not at all.",
    )
    add_filters(parser)
    parser.add_argument("--format", choices=_WRITE, help="what --output ends in, else jsonl")
    parser.add_argument("--output", metavar="FILE", type=Path, help="else standard output")


def _export(options: argparse.Namespace) -> int:
    write = _WRITE[_format_of(options)]
    settings = settings_of(options)
    asked = filter_of(options, settings)
    with (
        contextlib.closing(reading_of(options, settings, timeout_s=0)) as reading,
        reading.connect() as connection,
    ):
        total = count(connection, asked) if sys.stderr.isatty() else None
        progress = Progress(sys.stderr, "exchanges", total)
        if options.output is None:
            write(connection, asked, progress.tell, sys.stdout.buffer)
        else:
            with whole_file(options.output) as file:
                write(connection, asked, progress.tell, file)
        progress.end()
    return 0


def _format_of(options: argparse.Namespace) -> str:
    chosen: str | None = options.format
    ending = "" if options.output is None else options.output.suffix.removeprefix(".").lower()
    known = chosen or ending or "jsonl"
    if known not in _WRITE:
        raise CommandFailed(
            f"{options.output}: what is .{ending}? End it in .{', .'.join(_WRITE)}, or give --format"
        )
    if known == "parquet" and options.output is None:
        raise CommandFailed("parquet needs a file: --output FILE.parquet")
    return known


def _by_lines(lines: Callable[[sa.Connection, Filter, Tell], Iterator[bytes]]) -> _Write:
    def write(connection: sa.Connection, asked: Filter, tell: Tell, file: IO[bytes]) -> None:
        for line in lines(connection, asked, tell):
            file.write(line)
        file.flush()

    return write


def _parquet(connection: sa.Connection, asked: Filter, tell: Tell, file: IO[bytes]) -> None:
    write_parquet(flat_rows(connection, asked, tell), file)


_WRITE: dict[str, _Write] = {"jsonl": _by_lines(json_lines), "csv": _by_lines(csv_lines), "parquet": _parquet}
