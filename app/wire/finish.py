"""Why a choice ended: the vendor's word, and OpenAI's for it."""

from collections.abc import Mapping
from typing import Any

from app.domain.events import ChoiceFinished

NATIVE = "native_finish_reason"
"""Where the vendor's own word stands beside OpenAI's (OpenRouter's name for it)."""


def finished(
    choice: int,
    native: str | None,
    reasons: Mapping[str, str],
    *,
    strict: bool,
    fields: dict[str, Any] | None = None,
) -> ChoiceFinished:
    """Return the event for a choice that ended for the vendor's reason `native`.

    Args:
        choice: its index.
        native: as the vendor says it.
        reasons: OpenAI's word for each of the vendor's; one that is not in it is a `stop`.
        strict: whether the caller must get OpenAI's word; else he gets the vendor's, as Portkey's clients
            that ask for it expect.
        fields: what else stands in the choice.
    """
    reason = reasons.get(native or "", "stop")
    if not strict and native:
        return ChoiceFinished(choice, native, fields or {})
    return ChoiceFinished(choice, reason, {**(fields or {}), NATIVE: native} if native else fields or {})
