"""A guardrail: a named policy over checks."""

import msgspec

from guardrails.check import AnyCheck
from guardrails.names import Names
from guardrails.scope import EVERYTHING, Scope
from guardrails.verdict import Action, Mode, OnError, Side


class Guardrail(msgspec.Struct, frozen=True):
    """What is looked for, on which side, and what is done about it. Built by `guardrails.config`."""

    name: str
    on: frozenset[Side]
    checks: tuple[AnyCheck, ...]
    action: Action
    mode: Mode = Mode.ENFORCE
    on_error: OnError = OnError.BLOCK
    timeout_s: float = 1.0
    """For its checks on one run of text; remote ones have it for all the texts they are asked about together,
    such as the parts of a request."""
    scope: Scope = EVERYTHING
    """Which texts it hears."""
    models: Names | None = None
    """Of which models; None: of all. Whoever selects the guardrails of an exchange asks `concerns`."""
    default: bool = True
    """Whether it applies to every exchange; else only where a key or a request names it."""
    during: bool = False
    """Whether its remote checks may hear a request while a provider is already asked, as long as nothing is
    released before they pass."""
    reversible: bool = False
    """Whether what it redacts in requests is restored in their answers. What it redacts in answers is not."""
    tells: bool = False
    """Of one that flags: whether a caller is told what it found together with the answer. So it is heard
    before that ends, although it holds nothing back and changes nothing."""

    def concerns(self, *models: str) -> bool:
        """Return whether it is one for an exchange with any of these models.

        Args:
            models: every name of every model in question: as it was asked for, as its provider calls it.
        """
        return self.models is None or any(self.models.match(model) for model in models)


NEVER_RESTORED = frozenset({"secrets"})
"""Kinds of checks whose findings must not come back: no model needs a key that it was not shown."""


def irreversible_check(guardrail: Guardrail) -> int | None:
    """Return the place of a check that a reversible guardrail must not have, None if there is none."""
    if guardrail.reversible:
        for place, check in enumerate(guardrail.checks):
            if check.kind in NEVER_RESTORED:
                return place
    return None


def is_enforcing(guardrail: Guardrail) -> bool:
    """Return whether a guardrail may block or change a text; only such may hold a text back."""
    return guardrail.mode is Mode.ENFORCE and guardrail.action is not Action.FLAG


def is_telling(guardrail: Guardrail) -> bool:
    """Return whether a guardrail must be heard before an answer ends, but for that only observes."""
    return guardrail.tells and guardrail.mode is Mode.ENFORCE and guardrail.action is Action.FLAG
