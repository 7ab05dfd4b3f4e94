"""The group `handrail records`: finds its commands, and says what went wrong in them.

A command is a module in `app/records_cli/commands` with a function `add(commands)`: it adds a parser, by
`command_parser`, whose `command` does the work. So a new command is a new file and nothing else.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.records.filters import BadQuestion
from app.records.reading import UnreadableRecord
from app.records_cli import commands as commands_package

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (it has no other name)
else:
    Commands = argparse._SubParsersAction  # noqa: SLF001 (as above; at run time it takes no type)

Command = Callable[[argparse.Namespace], int]
_INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended: 128 and the signal's number."""


class CommandFailed(Exception):
    """A command cannot be done; the message says why, and what to do."""


def add_records(commands: Commands) -> None:
    """Add the group to the commands of `handrail`."""
    records = commands.add_parser(
        "records",
        help="read the record",
        description="Read the record: what was asked, answered, blocked and paid.",
        epilog="The record is that of the configuration (see `handrail serve --help`), or --database.",
    )
    actions = records.add_subparsers(required=True, metavar="ACTION")
    for found in sorted(pkgutil.iter_modules(commands_package.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{commands_package.__name__}.{found.name}")
        module.add(actions)


def command_parser(
    commands: Commands, name: str, command: Command, *, help_: str, description: str
) -> argparse.ArgumentParser:
    """Add a command to the group and return its parser.

    Args:
        commands: of the group.
        name: of the command.
        command: does it and returns the exit status. A `CommandFailed`, `UnreadableRecord` or `BadQuestion`
            is said on standard error, and the status is 1.
        help_: in a line.
        description: in full.
    """
    parser = commands.add_parser(name, help=help_, description=description)
    place = parser.add_argument_group("where the record is")
    place.add_argument("--config", metavar="FILE", help="configuration whose record is meant")
    place.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://..., without any")
    parser.set_defaults(command=_said(command))
    return parser


def _said(command: Command) -> Command:
    def run(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except (CommandFailed, UnreadableRecord, BadQuestion) as error:
            sys.stderr.writelines(f"handrail: {line}\n" for line in str(error).splitlines())
            return 1
        except BrokenPipeError:  # of `| head`: whoever reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt:
            return _INTERRUPTED

    return run
