"""A guardrail: a named policy over checks."""

import msgspec

from guardrails.check import Check, RemoteCheck
from guardrails.verdict import Action, Mode, OnError, Side


class Guardrail(msgspec.Struct, frozen=True):
    """What is looked for, on which side, and what is done about it. Built by `guardrails.config`."""

    name: str
    on: frozenset[Side]
    checks: tuple[Check | RemoteCheck, ...]
    action: Action
    mode: Mode = Mode.ENFORCE
    on_error: OnError = OnError.BLOCK
    timeout_s: float = 1.0
    """For its checks on one run of text; remote ones have it for all the texts they are asked about together,
    such as the parts of a request."""
    default: bool = True
    """Whether it applies to every exchange; else only where a key or a request names it."""
