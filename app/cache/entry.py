"""What is kept: an answer as the provider gave it, folded to one `chat.completion` document.

Kept before it was screened, since guardrails run on every answer, also on one that is given again: what is
kept may be more than what was ever released, and whoever can read the cache can read it.

Kept only if complete: every choice says a finish reason that is known to mean "this is all of it". So a
provider's new word for a cut or withheld answer is not kept by mistake. Errors have no choices.

An entry names its own key. A store that hands out the value of another key, as a client whose connection lost
count of its replies does (redis-py before 4.5.5, CVE-2023-28858), is found out, and nobody gets an
answer that is someone else's.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.events import ProviderEvent
from app.wire.finish import NATIVE
from app.wire.openai.document import events_of_document

COMPLETE = frozenset(
    "stop length tool_calls function_call"  # OpenAI's; vendors' own below
    " end_turn stop_sequence tool_use max_tokens"  # Anthropic, Bedrock
    " STOP MAX_TOKENS"  # Gemini
    " COMPLETE STOP_SEQUENCE TOOL_CALL"  # Cohere
    " model_length eos".split()  # Mistral; Together
)
"""Finish reasons of answers that are whole. As long as they were allowed to be is whole, too: the bound is in
the key. Not so a full context, a pause or a malformed call: asked again, those may end otherwise."""
_VERSION = 2


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """An answer that is kept."""

    version: int
    key: str
    """Under which it is kept."""
    made_at_s: float
    """When the answer was complete, in seconds since the epoch, so that replicas and restarts agree."""
    provider: str
    """Slug of who gave it."""
    model: str
    """As that provider calls it."""
    exchange_id: str
    """In which it was given; the record has the rest."""
    document: dict[str, Any]
    """`chat.completion`, with its `usage` if the provider counted."""

    @property
    def usage(self) -> dict[str, Any] | None:
        """What the answer cost when it was made; giving it again costs none of it."""
        usage = self.document.get("usage")
        return usage if isinstance(usage, dict) else None

    def events(self) -> Iterator[ProviderEvent]:
        """Return the answer's events, as if the provider had just given it."""
        return events_of_document(self.document)


def make_entry(  # noqa: PLR0913 (what an auditor may ask of it)
    key: str, document: dict[str, Any], *, provider: str, model: str, exchange_id: str, made_at_s: float
) -> Entry | None:
    """Return the entry of an answer, None if it is none that may be kept."""
    if not is_complete(document):
        return None
    return Entry(_VERSION, key, made_at_s, provider, model, exchange_id, document)


def is_complete(document: dict[str, Any]) -> bool:
    """Return whether this is a whole answer."""
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices or document.get("error") is not None:
        return False
    return all(map(_is_whole, choices))


def encode(entry: Entry) -> bytes | None:
    """Return the entry's bytes (MessagePack), None where it holds what has none: a number beyond 64 bits."""
    try:
        return _encode(entry)
    except (OverflowError, TypeError, ValueError, RecursionError):
        return None


def decode(key: str, value: bytes) -> Entry | None:
    """Return the entry, None where these bytes are no entry of this key."""
    try:
        entry = _decoder.decode(value)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None
    if entry.version != _VERSION or entry.key != key or not is_complete(entry.document):
        return None
    return entry


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Entry)


def _is_whole(choice: object) -> bool:
    if not isinstance(choice, dict) or choice.get("error") is not None:
        return False
    message = choice.get("message")
    reasons = (choice.get("finish_reason"), choice.get(NATIVE, "stop"))
    says_something = isinstance(message, dict) and any(
        value for name, value in message.items() if name != "role"
    )
    return says_something and all(isinstance(reason, str) and reason in COMPLETE for reason in reasons)
