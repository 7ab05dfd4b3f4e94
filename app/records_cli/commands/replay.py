"""`handrail records replay`: what other guardrails would have done to what happened."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import Configuration, configure, find
from app.main import connected
from app.recording import protection_for, record_redactor
from app.records.plain_rows import json_line
from app.records.protection import Protection
from app.records_cli.asking import add_filters, filter_of, reading_of, settings_of
from app.records_cli.columns import terminal_width
from app.records_cli.group import Commands, command_parser
from app.records_cli.progress import Progress
from app.records_cli.replay_report import lines
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.hiding import hiding
from app.replaying.recorded import Recorded
from app.replaying.report import document
from guardrails.checks.secrets import maintained
from guardrails.checks.secrets.check import SecretsCheck

_UNUSABLE = 2
"""Exit status where the file cannot be used; 1: the record cannot be read."""
_AT_ONCE = 8
"""Exchanges that wait for other services at the same time."""
_SAMPLES = 3


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "replay",
        _replay,
        help_="try guardrails on what happened",
        description="Let the guardrails of a file hear recorded exchanges again, and say what they would "
        "have blocked or redacted against what happened, by guardrail and by check. Nothing is changed, "
        "recorded or sent to a provider, and no text of an exchange is shown. Exit status 0: this is the "
        "report; 2: the file cannot be used; 1: the record cannot be read.",
    )
    parser.add_argument(
        "file", metavar="FILE", help="the candidate: a YAML file with `guardrails:`, such as a handrail.yaml"
    )
    add_filters(parser)
    parser.add_argument("--limit", metavar="N", type=_number, default=0, help="the newest N only (0: all)")
    parser.add_argument(
        "--samples",
        metavar="N",
        type=_number,
        default=_SAMPLES,
        help=f"show at most so many exchanges of each kind of change ({_SAMPLES})",
    )
    parser.add_argument(
        "--remote",
        action="store_true",
        help="let checks that ask other services ask them: recorded texts are sent there",
    )
    parser.add_argument("--json", action="store_true", help="print the report as a JSON document")


def _replay(options: argparse.Namespace) -> int:
    try:
        configuration = configure(find(options.file, os.environ, Path.cwd()), os.environ)
        candidate = Candidate(
            configuration.guardrails,
            {name: key.guardrails for name, key in configuration.settings.keys.items()},
        )
    except InvalidConfiguration as error:
        return _unusable(str(error))
    if not configuration.guardrails:
        return _unusable(f"{options.file}: has no guardrails to be tried")
    remote = [*candidate.remote()]
    if remote and not options.remote:
        named = ", ".join(f"{guardrail} ({kind})" for guardrail, kind in remote)
        return _unusable(f"{options.file}: asks other services: {named}; --remote lets it send them texts")
    if any(check.kind == SecretsCheck.kind for one in configuration.guardrails for check in one.checks):
        maintained.load()  # some seconds where they are not cached, which no exchange may be made to wait for
    done = Comparison(options.samples)
    settings = settings_of(options)
    asked = filter_of(options, settings)
    protection = Protection() if settings is None else protection_for(settings)
    with contextlib.closing(reading_of(options, settings)) as reading:
        recorded = Recorded(reading, asked, protection, most=options.limit or None)
        asyncio.run(_compared(recorded, candidate, done, configuration if remote else None))
    if options.json:
        sys.stdout.write(f"{json_line(document(options.file, candidate, done)).decode()}\n")
    else:
        report = lines(options.file, candidate, done, terminal_width())
        sys.stdout.writelines(f"{line}\n" for line in report)
    return 0


async def _compared(
    recorded: Recorded, candidate: Candidate, done: Comparison, services: Configuration | None
) -> None:
    progress = Progress(sys.stderr, "exchanges", recorded.total() if sys.stderr.isatty() else None)
    hide = hiding(candidate.names, record_redactor)
    async with _connected(services):
        at_once = 1 if services is None else _AT_ONCE
        await recorded.compare(candidate, hide, done, progress.tell, at_once=at_once)
    progress.end()


@contextlib.asynccontextmanager
async def _connected(services: Configuration | None) -> AsyncIterator[None]:
    if services is None:
        yield
        return
    async with connected(services, os.environ):
        yield


def _unusable(message: str) -> int:
    sys.stderr.writelines(f"handrail: {line}\n" for line in message.splitlines())
    return _UNUSABLE


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)
