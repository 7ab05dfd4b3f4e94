"""A hook: Portkey's word for a guardrail, with what a caller is told of it.

What it looks for and what is done about that are guardrails like any others, one or two of them: what gives
a verdict blocks or flags, what changes texts redacts. They are made by `guardrails/portkey/hooks.py`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from guardrails.check import RemoteCheck, RemoteExchangeCheck
from guardrails.guardrail import Guardrail
from guardrails.verdict import Action, Mode, Side

HookType = Literal["guardrail", "mutator"]


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What goes with a hook's result, as its author wrote it. Nothing is done with it here."""

    value: float
    weight: float = 1.0
    metadata: Mapping[str, Any] = {}


class HookCheck(msgspec.Struct, frozen=True):
    """One check of a hook."""

    id: str
    """As a caller is told: `default.contains`."""
    judges: bool = True
    """Whether what it finds is a verdict; else it is only changed."""
    excuses_errors: bool = False
    """Whether an error of it counts as nothing found (Portkey's `failOnError: false`)."""
    asks: bool = False
    """Whether it asks another service."""


class Hook(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A guardrail as callers of Portkey know it, on one side. One is equal to itself alone."""

    id: str
    side: Side
    deny: bool
    """Whether a failed one ends the exchange."""
    checks: tuple[HookCheck, ...]
    guardrails: tuple[Guardrail, ...]
    """What it comes down to."""
    is_async: bool = False
    """Whether nobody waits for its verdict, so that no caller is told."""
    type: HookType = "guardrail"
    on_success: Feedback | None = None
    on_fail: Feedback | None = None


def hooks_of(guardrail: Guardrail) -> tuple[Hook, ...]:
    """Return a guardrail of our own form as hooks, one a side."""
    judges = guardrail.action is not Action.REDACT
    kinds = dict.fromkeys(check.kind for check in guardrail.checks)
    remote = {one.kind for one in guardrail.checks if isinstance(one, RemoteCheck | RemoteExchangeCheck)}
    return tuple(
        Hook(
            id=guardrail.name,
            side=side,
            deny=guardrail.action is Action.BLOCK,
            checks=tuple(HookCheck(kind, judges, asks=kind in remote) for kind in kinds),
            guardrails=(guardrail,),
            is_async=guardrail.mode is Mode.MONITOR,
        )
        for side in Side
        if side in guardrail.on
    )
