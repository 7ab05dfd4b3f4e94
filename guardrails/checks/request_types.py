"""The `request_types` check: what may be asked for.

In Portkey's words, as its own check of this kind has them: `chatComplete`, `complete`, `embed`.
"""

from collections.abc import Sequence

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.checks.lists import Lists, require_some
from guardrails.decoding import decode


class RequestTypesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Patterns of types, `*` for any characters."""

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()


class RequestTypesCheck:
    """Finds that a request is of a type that it may not be of."""

    kind = "request_types"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return at most one remark."""
        fault = self._lists.fault(subject.conversation.request_type)
        return () if fault is None else (Remark(fault, "request"),)


def build(config: object, path: str) -> RequestTypesCheck:
    """Build the check from its configuration."""
    decoded = decode(RequestTypesConfig, config, path)
    require_some(decoded.allow, decoded.deny, path)
    return RequestTypesCheck(Lists(decoded.allow, decoded.deny))
