"""A package of checks as somebody else would write it: it knows nothing but the library's public names.

Beside it stands what its installer would have written, `acme_checks-1.0.dist-info`, with its entry points:

    [project.entry-points."handrail.checks"]
    ticket = "acme_checks:build"
"""

import re
from collections.abc import Sequence

import msgspec

from guardrails import ConfigError, Match, Run
from guardrails.view import AS_IT_IS_READ


class TicketConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tickets there are."""

    project: str = "ACME"


class TicketCheck:
    """Finds numbers of tickets: `ACME-1234`. They hold no white space, so none is ever open.

    A border may stand behind a Chinese character, so that must not count as part of a word: ASCII borders.
    """

    kind = "ticket"
    redactable = True
    views = AS_IT_IS_READ

    def __init__(self, project: str) -> None:
        self._pattern = re.compile(rf"\b{re.escape(project)}-[0-9]{{1,8}}\b", re.ASCII)
        self.triggers = (rf"\b{re.escape(project)}-[0-9]",)

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("ticket", *found.span()) for found in self._pattern.finditer(run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return False


def build(config: object, path: str) -> TicketCheck:
    """Build the check from its configuration."""
    try:
        decoded = msgspec.convert(config, TicketConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(path, str(error)) from error
    return TicketCheck(decoded.project)
