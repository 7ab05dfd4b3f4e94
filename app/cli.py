"""The command line: `handrail serve`, `check`, `guard test`, `kinds`, `keys new`, `records`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import telemetry
from app.access.keys import key_hash, new_key
from app.catalogue.catalogue import Catalogue
from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import CONFIG_VARIABLE, DEFAULT_FILE, Overrides, configure, find
from app.configuration.surroundings import keyless
from app.guard_cases.cases import read_cases
from app.guard_cases.report import Round, document, is_otherwise, table
from app.guard_cases.rounds import WAYS, rounds
from app.kinds import describe_kind, list_kinds
from app.main import VERSION, configure_log, connected, require
from app.recording import check_record, record_redactor, writer_for
from app.records.database import RecordsUnavailable
from app.records.engine import UnusableUrl
from app.records_cli.group import add_records
from app.routing.saved import brings_guardrails
from app.server import CannotListen, guessing, run, unguarded
from app.settings import Name, Settings
from guardrails import Engine
from guardrails.checks.secrets import maintained
from guardrails.checks.secrets.check import SecretsCheck
from guardrails.checks.secrets.maintained import RulesUnavailable

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (it has no other name)

_EPILOG = (
    f"The configuration is FILE, else what ${CONFIG_VARIABLE} names, else ./{DEFAULT_FILE}, else the "
    "defaults: 127.0.0.1, SQLite, a provider for each of OPENAI_API_KEY, ANTHROPIC_API_KEY, ... that is set, "
    "no guardrails."
)
_MAX_PORT = 65_535
_MAX_WORKERS = 256


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 if something is wrong, 2 if it was not understood."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return _flushed(command(options))
    except (InvalidConfiguration, UnusableUrl, RecordsUnavailable, RulesUnavailable, CannotListen) as error:
        sys.stderr.writelines(f"handrail: {line}\n" for line in str(error).splitlines())
        return 1
    except BrokenPipeError:  # of `| head`: whoever reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _flushed(status: int) -> int:
    sys.stdout.flush()
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handrail",
        description="Guardrails, traces and an SQL record for every LLM call.",
        epilog="`handrail COMMAND --help` says more.",
    )
    parser.add_argument("--version", action="version", version=f"handrail {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_check(commands)
    _add_guard(commands)
    _add_kinds(commands)
    _add_keys(commands)
    add_records(commands)
    return parser


def _add_serve(commands: "Commands") -> None:
    serve = commands.add_parser(
        "serve", help="run the gateway", description="Run the gateway until it is stopped.", epilog=_EPILOG
    )
    serve.add_argument("--config", metavar="FILE", help="configuration to use")
    serve.add_argument("--host", help="address to listen on, instead of server.host")
    serve.add_argument(
        "--port", type=_number(0, _MAX_PORT), help="port, instead of server.port; 0: any free one"
    )
    serve.add_argument(
        "--workers", type=_number(1, _MAX_WORKERS), help="processes, instead of server.workers"
    )
    serve.set_defaults(command=_serve)


def _add_check(commands: "Commands") -> None:
    check = commands.add_parser(
        "check",
        help="say what is wrong with a configuration",
        description="Read a configuration as `serve` would and say what is wrong with it, with line "
        "and path. Starts and changes nothing. The exit status is 0 if all is well, else 1.",
        epilog=_EPILOG,
    )
    check.add_argument("config", metavar="FILE", nargs="?", help="configuration to check")
    check.set_defaults(command=_check)


def _add_guard(commands: "Commands") -> None:
    guard = commands.add_parser("guard", help="try guardrails", description="Try guardrails.")
    actions = guard.add_subparsers(required=True, metavar="ACTION")
    test = actions.add_parser(
        "test",
        help="run labelled cases against a configuration",
        description="Put labelled cases to the guardrails of a configuration and print the precision and "
        "recall of each check, with 95 % intervals. Nothing is started, recorded or sent to a provider; "
        "remote checks do ask their services. The exit status is 0 if every case came out as labelled, else "
        "1; what is only missed under --mutate does not count.",
        epilog=_EPILOG,
    )
    test.add_argument(
        "cases", metavar="CASES", help="a YAML file with a list `cases`, or a .jsonl file with one a line"
    )
    test.add_argument("--config", metavar="FILE", help="configuration whose guardrails are tried")
    test.add_argument(
        "--guardrail", metavar="NAME", action="append", help="try this one only (may be given again)"
    )
    test.add_argument(
        "--mutate",
        metavar="WAYS",
        type=_ways,
        default=(),
        help=f"disguise what is to be found as well: {', '.join(WAYS)}, separated by commas, or all",
    )
    test.add_argument("--json", action="store_true", help="print a JSON document")
    test.set_defaults(command=_guard_test)


def _add_kinds(commands: "Commands") -> None:
    kinds = commands.add_parser(
        "kinds",
        help="say which kinds of providers there are",
        description="List the kinds of providers, or say what one of them needs.",
    )
    kinds.add_argument("name", metavar="NAME", nargs="?", help="of a kind: anthropic")
    kinds.set_defaults(command=_kinds)


def _add_keys(commands: "Commands") -> None:
    keys = commands.add_parser("keys", help="make gateway keys", description="Make gateway keys.")
    actions = keys.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser(
        "new",
        help="make a key",
        description="Make a key for a caller. It is printed once and kept nowhere: the configuration holds "
        "its hash.",
    )
    new.add_argument("name", metavar="NAME", type=_name, help="whom the key identifies: team-a")
    new.set_defaults(command=_new_key)


def _serve(options: argparse.Namespace) -> int:
    source = find(options.config, os.environ, Path.cwd())
    overrides = Overrides(host=options.host, port=options.port, workers=options.workers)
    configuration = configure(source, os.environ, overrides)
    settings = configuration.settings
    configure_log(settings.log)
    log = telemetry.logger("handrail")
    require(configuration, os.environ)
    _require_records(settings)
    _require_rules(log)
    run(source, overrides, configuration, log)
    return 0


def _require_records(settings: Settings) -> None:
    """Make sure that there is a database, and bring it up to date, before a worker needs it."""
    writer_for(settings, record_redactor()).require()


def _require_rules(log: telemetry.Log) -> None:
    """Load the rules for secrets: no worker starts without them, and each inherits them as they are."""
    if not maintained.load().cached:
        log.warning(
            "rules_not_cached",
            reason="the compiled rules for secrets cannot be kept, so each start takes seconds longer",
            way_out="name a directory of this user's in KF_RULE_CACHE_DIR",
        )


def _check(options: argparse.Namespace) -> int:
    source = find(options.config, os.environ, Path.cwd())
    configuration = configure(source, os.environ)
    settings = configuration.settings
    require(configuration, os.environ)
    check_record(settings)
    counts = {
        "provider": len(settings.providers),
        "guardrail": len(settings.guardrails),
        "key": len(settings.keys),
    }
    described = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
    sys.stdout.write(f"{source.name}: all is well: {described}\n")
    for note in (*keyless(settings, configuration.catalogue), *guessing(settings)):
        sys.stdout.write(f"{source.name}: note: {note}\n")
    if warning := unguarded(configuration.guardrails, by_configs=brings_guardrails(settings.configs)):
        sys.stdout.write(f"{source.name}: note: {warning}\n")
    return 0


def _guard_test(options: argparse.Namespace) -> int:
    configuration = configure(find(options.config, os.environ, Path.cwd()), os.environ)
    cases = read_cases(options.cases)
    chosen = [
        one for one in configuration.guardrails if options.guardrail is None or one.name in options.guardrail
    ]
    names = [one.name for one in configuration.guardrails]
    for name in options.guardrail or ():
        if name not in names:
            known = ", ".join(names) or "none"
            sys.stderr.write(f"handrail: no guardrail is named {name}; there are: {known}\n")
            return 1
    if not chosen:
        sys.stderr.write(f"handrail: {configuration.source} has no guardrails to be tried\n")
        return 1
    if any(check.kind == SecretsCheck.kind for one in chosen for check in one.checks):
        maintained.load()  # some seconds where they are not cached, which no case may be made to wait for

    async def tried() -> list[Round]:
        async with connected(configuration, os.environ):
            return await rounds(Engine(chosen, os.urandom(32)), cases, options.mutate)

    done = asyncio.run(tried())
    if options.json:
        sys.stdout.write(f"{msgspec.json.encode(document(cases, done)).decode()}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in table(cases, done))
    return int(any(is_otherwise(cases.cases[place], result) for place, result in done[0].results))


def _kinds(options: argparse.Namespace) -> int:
    catalogue = Catalogue.load()
    lines = list(list_kinds(catalogue) if options.name is None else describe_kind(options.name, catalogue))
    if not lines:
        sys.stderr.write(f"handrail: no kind is named {options.name}; `handrail kinds` lists them\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _new_key(options: argparse.Namespace) -> int:
    key = new_key()
    sys.stdout.write(
        f"The key of {options.name}, shown this once:\n\n  {key}\n\n"
        f"For {DEFAULT_FILE}:\n\nkeys:\n  {options.name}:\n    hash: {key_hash(key)}\n"
    )
    return 0


def _number(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low} to {high}")
        return int(text)

    return number


def _ways(text: str) -> tuple[str, ...]:
    names = WAYS if text == "all" else tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in WAYS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(WAYS)}, all")
    return tuple(dict.fromkeys(names))


def _name(text: str) -> str:
    try:
        return msgspec.convert(text, Name)
    except msgspec.ValidationError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no name: letters, digits, dots, dashes and underscores, at most 64"
        ) from error
