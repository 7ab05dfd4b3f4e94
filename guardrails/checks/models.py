"""The `models` check: which models may be asked.

A name is matched with its provider (`@openai/gpt-4o`) and without. Both must do: the name that a request asks
for, and the model that a routing config makes of it, once that is known.
"""

from collections.abc import Sequence

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.checks.lists import Lists, require_some
from guardrails.decoding import decode


class ModelsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Patterns of names, `*` for any characters."""

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()


class ModelsCheck:
    """Finds that a request asks a model that it may not."""

    kind = "models"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return at most one remark."""
        conversation = subject.conversation
        for model in filter(None, (conversation.model, conversation.target)):
            fault = self._lists.fault(*_names(model))
            if fault is not None:
                return (Remark(fault, "model"),)
        return ()


def build(config: object, path: str) -> ModelsCheck:
    """Build the check from its configuration."""
    decoded = decode(ModelsConfig, config, path)
    require_some(decoded.allow, decoded.deny, path)
    return ModelsCheck(Lists(decoded.allow, decoded.deny))


def _names(model: str) -> tuple[str, ...]:
    slug, slash, name = model.partition("/")
    return (model, name) if slash and slug.startswith("@") else (model,)
