"""What of an exchange can be heard again, and what cannot, and why.

On record is the request as it came, and the answer as it was released: so what an enforced guardrail took out
of an answer, or blocked, is nowhere, whatever `records.content` says. Of bodies that were recorded `redacted`
whatever was found is gone as well.
"""

import enum
from typing import Any

import msgspec

from app.domain.errors import HandrailError
from app.domain.operation import Operation
from app.records.plain_rows import PlainRow
from app.records.whole_exchanges import RecordedExchange
from app.wire.strict_json import decode_object
from guardrails import Side

_MAX_DEPTH = 1_000
"""Levels of a body: what got on record was bounded when it came."""


class Missing(enum.StrEnum):
    """Why a side of an exchange cannot be heard again."""

    NOT_ENDED = "not_ended"
    REJECTED = "rejected"
    PASSED_ON = "passed_on"
    NOT_KEPT = "not_kept"
    ONLY_HASHED = "only_hashed"
    ERASED = "erased"
    ENCRYPTED = "encrypted"
    HIDDEN = "hidden"
    TOKENS = "tokens"
    UNREADABLE = "unreadable"
    BLOCKED_ON_INPUT = "blocked_on_input"
    WITHHELD = "withheld"
    NO_ANSWER = "no_answer"
    VECTORS = "vectors"


WHY = {
    Missing.NOT_ENDED: "not ended yet",
    Missing.REJECTED: "rejected for another reason, and sent nowhere",
    Missing.PASSED_ON: "passed on unread",
    Missing.NOT_KEPT: "not put on record",
    Missing.ONLY_HASHED: "on record by hash alone",
    Missing.ERASED: "erased",
    Missing.ENCRYPTED: "encrypted with a key that is not at hand",
    Missing.HIDDEN: "hidden as a whole when recorded",
    Missing.TOKENS: "of tokens, which no guardrail can read",
    Missing.UNREADABLE: "not readable any more",
    Missing.BLOCKED_ON_INPUT: "never given, for the exchange was blocked on input",
    Missing.WITHHELD: "blocked before anything was released, so not on record",
    Missing.NO_ANSWER: "never come",
    Missing.VECTORS: "of vectors, which say nothing",
}
"""In words that go behind requests, answers or exchanges, one or several."""


class Body(msgspec.Struct, frozen=True):
    """A body that can be read."""

    document: dict[str, Any]
    is_redacted: bool
    """Whether what was found in it had been replaced before it was recorded."""


def not_replayed(row: PlainRow) -> Missing | None:
    """Return why an exchange has nothing to be heard on either side; None: it may have."""
    if row["outcome"] is None:
        return Missing.NOT_ENDED
    if row["outcome"] == "rejected":
        return Missing.REJECTED
    if row["operation"] == Operation.PROXY:
        return Missing.PASSED_ON
    return None


def request_of(recorded: RecordedExchange) -> Body | Missing:
    """Return the request of an exchange whose bodies were decrypted where that can be."""
    payload = _payload(recorded, "request")
    return Missing.NOT_KEPT if payload is None else _body(payload)


def answer_of(recorded: RecordedExchange) -> Body | Missing:
    """Return the answer of such an exchange."""
    row = recorded.exchange
    if row["outcome"] == "blocked_input":
        return Missing.BLOCKED_ON_INPUT
    if not Operation(row["operation"]).answers_in_words:
        return Missing.VECTORS
    payload = _payload(recorded, "response")
    if payload is None:
        if row["outcome"] == "blocked_output" and not row["chars_released"]:
            return Missing.WITHHELD
        return Missing.NO_ANSWER if _payload(recorded, "request") is not None else Missing.NOT_KEPT
    body = _body(payload)
    is_empty = isinstance(body, Body) and not body.document.get("choices")
    return Missing.NO_ANSWER if is_empty else body


def is_altered(recorded: RecordedExchange, side: Side) -> bool:
    """Whether a guardrail took something out of a side, or ended it, before it was recorded."""
    return side is Side.OUTPUT and any(
        row["side"] == side and (row["blocked"] or (row["mode"] == "enforce" and row["decision"] == "redact"))
        for row in recorded.children["verdicts"]
    )


def _payload(recorded: RecordedExchange, kind: str) -> PlainRow | None:
    return next((row for row in recorded.children["payloads"] if row["kind"] == kind), None)


def _body(payload: PlainRow) -> Body | Missing:
    if payload["body"] is None:
        return Missing.ONLY_HASHED if payload["content"] == "hashes" else Missing.ERASED
    if payload["key_id"] is not None:
        return Missing.ENCRYPTED
    text: str = payload["body"]
    if not text.startswith("{"):
        return Missing.HIDDEN
    try:
        document = decode_object(text.encode(), max_depth=_MAX_DEPTH)
    except HandrailError:
        return Missing.UNREADABLE
    return Body(document, payload["content"] != "full")
