"""Portkey's `addPrefix`: it finds nothing, it writes: words before the first message of a role.

The library knows texts and not messages, so what is to be written is only said here (`Prefix`), and done by
whoever holds the request; Handrail does it in `app/domain/prefixes.py`, after the request was screened.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from guardrails.check import Prefix, Reads, Remark, Subject
from guardrails.decoding import decode


class AddPrefixConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What is written, and where."""

    prefix: Annotated[str, msgspec.Meta(min_length=1)]
    apply_to_role: Literal["user", "system", "assistant"] = "user"
    add_to_existing: bool = True
    """To the first message of the role; else a message of its own stands before that."""
    only_if_empty: bool = False
    """Only where that message says nothing."""


class AddPrefix:
    """Writes; finds nothing."""

    kind = "default.addPrefix"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix

    def examine(self, subject: Subject) -> Sequence[Remark]:  # noqa: ARG002 (nothing is looked for)
        """Return nothing."""
        return ()


def add_prefix(config: object, path: str) -> AddPrefix:
    """Build `default.addPrefix`."""
    given = decode(AddPrefixConfig, config, path)
    return AddPrefix(Prefix(given.prefix, given.apply_to_role, given.add_to_existing, given.only_if_empty))
