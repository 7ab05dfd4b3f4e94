"""What a wire format is: a question asked in a provider's words, and its answer read back.

    question = Question(document, model, ...)
    asked = format.ask(question)          pure: what to send
    body = asked.read(AnswerHead(...))    pure: bytes into events, whole or streamed
    format.refusal(...)                   pure: an error body into an error

Formats do no I/O and know no URLs but the path below a base URL. Who may ask, where and how often is the
affair of `app/providers`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Protocol

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest, UpstreamBroken, UpstreamRefused
from app.domain.events import ProviderEvent
from app.domain.operation import Operation

Unsupported = Literal["error", "drop", "passthrough"]
"""What becomes of a parameter that a target cannot express.

    error        400, naming it
    drop         it is left out, and named in a header of the answer and on record
    passthrough  it is sent under its own name: the provider will say what it thinks of it
"""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask for: a completion, or vectors of texts."""

    document: dict[str, Any]
    """OpenAI's request as the caller sent it, checked (`app/wire/openai/shapes.py`) and redacted. Nobody
    changes it."""
    model: str
    """As the provider calls it."""
    stream: bool = False
    strict: bool = True
    """Whether the answer must keep to OpenAI's vocabulary: its finish reasons, no `content_blocks`."""
    operation: Operation = Operation.CHAT
    abilities: Abilities = Abilities()
    unsupported: Unsupported = "drop"


class AnswerHead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before an answer's body."""

    media_type: str
    """Of `content-type`, without parameters, in lower case; empty if there is none."""
    request_id: str | None = None
    """The provider's own id of this request."""
    max_bytes: int = 64 * 1024 * 1024
    """Bound on one event of a stream."""
    headers: Mapping[str, str] = {}
    """All, in lower case."""


class Body(Protocol):
    """A provider's answer as it comes."""

    @property
    def done(self) -> bool:
        """Whether it said that it is complete; more bytes add nothing."""

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Take the next bytes; the iterator must be used up. Raises `UpstreamError`."""

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events, at the end of the body. Raises `UpstreamError` if it is not complete."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question in a provider's words, and how its answer is to be read."""

    path: str
    """Below the base URL, percent-encoded, with its query if any: `models/gemini-3:generateContent`."""
    content: bytes
    read: Callable[[AnswerHead], Body]
    """Return the reader of the answer. Raises `UpstreamBroken` if it is of no type the format knows."""
    headers: Mapping[str, str] = {}
    """Beside those that every request to this provider has."""
    dropped: tuple[str, ...] = ()
    """Parameters that were left out, as callers write them."""
    then: "tuple[Asked, ...]" = ()
    """What else is asked, one after the other, where a provider takes a question in pieces; the events of all
    are those of one answer."""


class Format(Protocol):
    """A wire format, as one provider speaks it."""

    def ask(self, question: Question) -> Asked:
        """Say the question in the provider's words.

        Raises:
            InvalidRequest: it cannot be said; `param` names the field, if it is one and not the operation.
        """

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error.

        Args:
            document: decoded JSON, text where it was none, None where it could not be read.
            status: of the response, 400 to 599.
            headers: of the response, in lower case.
        """

    @property
    def models_path(self) -> str | None:
        """Where the provider lists its models, below the base URL; None: nowhere."""

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return that list as objects with at least a text `id`.

        Raises:
            UpstreamBroken: it is none.
        """


_NOUNS = {
    Operation.CHAT: "chat completions",
    Operation.COMPLETION: "completions of a prompt",
    Operation.EMBEDDINGS: "embeddings",
    Operation.PROXY: "paths of its own",
}


def cannot_serve(operation: Operation, target: str) -> InvalidRequest:
    """Return the error for an operation that a target does not have; another target may.

    Args:
        operation: that was asked for.
        target: "Anthropic's claude-opus-4-8", say.
    """
    return InvalidRequest(
        f"{target} has no {_NOUNS[operation]}.", param="model", code="unsupported_operation"
    )


def require_json(head: AnswerHead) -> None:
    """Make sure that an answer says to be JSON, or says nothing.

    Raises:
        UpstreamBroken: it says otherwise.
    """
    if head.media_type and not head.media_type.endswith("json"):
        raise UpstreamBroken("The provider answered with something that is not JSON.")
