"""`handrail records sql`: a question in SQL, or one that has a name."""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import Any

from app.records.export import csv_line
from app.records.plain_rows import json_line
from app.records.questions import Answer, asked, questions, sql_of
from app.records_cli.asking import reading_of, settings_of
from app.records_cli.columns import table, terminal_width
from app.records_cli.group import Commands, command_parser

_TIMEOUT_S = 60.0


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "sql",
        _sql,
        help_="ask a question in SQL",
        description="Ask the record in SQL, or one of the questions that have names; without either, list "
        "those. Nothing can be changed.",
    )
    parser.add_argument(
        "question", metavar="SQL|NAME", nargs="?", help="SELECT ..., or the name of a question"
    )
    parser.add_argument(
        "--timeout", metavar="S", type=float, default=_TIMEOUT_S, help="seconds it may take (60)"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print each row as a line of JSON")
    shape.add_argument("--csv", action="store_true", help="print CSV")


def _sql(options: argparse.Namespace) -> int:
    if options.question is None:
        rows = ((question.name, question.says) for question in questions())
        _print(Answer(("name", "answers"), rows), options)
        return 0
    sql = sql_of(options.question)
    settings = settings_of(options)
    reading = reading_of(options, settings, timeout_s=options.timeout)
    with contextlib.closing(reading), asked(reading, sql) as answer:
        _print(answer, options)
    return 0


def _print(answer: Answer, options: argparse.Namespace) -> None:
    if options.json:
        for row in answer.rows:
            sys.stdout.write(f"{json_line(dict(zip(answer.columns, row, strict=True))).decode()}\n")
    elif options.csv:
        sys.stdout.writelines(csv_line(row).decode() for row in (answer.columns, *answer.rows))
    else:
        rows = (_shown(row) for row in answer.rows)
        sys.stdout.writelines(f"{line}\n" for line in table(answer.columns, rows, terminal_width()))


def _shown(row: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in row]
