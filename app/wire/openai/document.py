"""A `chat.completion` document of an OpenAI-compatible provider, read into events.

Folding the events (`app/wire/openai/fold.py`) gives the document back. What documents and chunks of a stream
have in common stands here too; streams are read in `app/wire/openai/chunks.py`.
"""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import Extra, ProviderEvent, Started, UsageReported
from app.wire.openai.choice import ChoiceReader
from app.wire.openai.errors import refusal_within

_PROTOCOL = frozenset({"id", "created", "model", "system_fingerprint", "service_tier"})
_LEFT_OUT = frozenset({"object", "choices", "usage"})
_CHOICE_KEYS = frozenset({"index", "message", "delta", "finish_reason", "logprobs"})


def events_of_document(document: Any) -> Iterator[ProviderEvent]:  # noqa: ANN401 (JSON)
    """Return the events of a `chat.completion` document.

    Raises:
        UpstreamError: it is none, or an error.
    """
    document = checked(document)
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices:
        raise UpstreamBroken("The provider sent an answer without choices.")
    usage = document.get("usage")
    started = protocol_fields(document)
    yield Started(started)
    extras = {key: value for key, value in document.items() if key not in started and key not in _LEFT_OUT}
    if "usage" in document and not isinstance(usage, dict):
        extras["usage"] = usage
    if extras:
        yield Extra(None, extras)
    readers: dict[int, ChoiceReader] = {}
    for position, choice in enumerate(choices):
        index = index_of(choice, position)
        index = index if index not in readers else max(readers) + 1
        reader = readers[index] = ChoiceReader(index, str(document.get("id")))
        yield from read_choice(reader, choice, "message")
    for reader in readers.values():
        yield reader.end()
    if isinstance(usage, dict):
        yield UsageReported(usage)


def checked(document: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """Return the document if it may be an answer.

    Raises:
        UpstreamError: it is an error, or no object.
    """
    if isinstance(document, list) and document and isinstance(document[0], dict):
        document = document[0] if document[0].get("error") else document
    if not isinstance(document, dict):
        raise UpstreamBroken("The provider sent JSON that is no object.")
    error = refusal_within(document)
    if error is not None:
        raise error
    return document


def protocol_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a `Started` holds of the top level: the protocol's own, no text of the answer."""
    return {
        key: value
        for key, value in document.items()
        if key in _PROTOCOL and (value is None or isinstance(value, str | int))
    }


def index_of(choice: Any, otherwise: int) -> int:  # noqa: ANN401 (JSON)
    """Return the choice's own index, if it has one that can be."""
    index = choice.get("index") if isinstance(choice, dict) else None
    return index if isinstance(index, int) and not isinstance(index, bool) and index >= 0 else otherwise


def read_choice(reader: ChoiceReader, choice: Any, key: str) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
    """Read one choice of a document (`message`) or of a chunk (`delta`).

    Raises:
        UpstreamError: it is an error, or no choice.
    """
    if not isinstance(choice, dict):
        raise UpstreamBroken("The provider sent a choice that is no object.")
    error = refusal_within(choice)
    if error is not None:
        raise error
    rest = {name: value for name, value in choice.items() if name not in _CHOICE_KEYS}
    message = choice.get(key)
    if message is None and key == "delta":
        message = choice.get("message") or {}
    if not isinstance(message, dict):
        raise UpstreamBroken("The provider sent a choice without a message.")
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict) and "logprobs" in choice:
        rest["logprobs"] = logprobs
        logprobs = None
    reader.keep(rest)
    reader.finish(choice.get("finish_reason"))
    return reader.read(message, logprobs, whole=key == "message")
