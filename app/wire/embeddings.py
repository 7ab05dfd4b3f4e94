"""Embeddings, as far as all providers have them in common: texts in, one vector each out.

Whatever a provider answers, a caller gets as many vectors as he sent texts, in their order, each with as many
finite coordinates as the others; anything else is no answer. They come in the form he asked for, for
`encoding_format` changes how numbers are written and not which: base64 of 32-bit floats, little-endian, as
OpenAI writes them. Nothing else that a provider says goes out: vectors and counts are all an answer needs,
and words would have to be screened.
"""

import base64
import binascii
import math
import re
import sys
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.domain.events import Embedded, ProviderEvent, Started, UsageReported
from app.wire.format import AnswerHead, Question, require_json
from app.wire.openai.body import decode_json
from app.wire.params import Params

_FLOAT_BYTES = 4
_MODEL = re.compile(r"[A-Za-z0-9@][A-Za-z0-9_.:/@+-]{0,255}")
"""What a model's name looks like; a provider that says anything else is not repeated."""


class Vectors(msgspec.Struct, frozen=True):
    """What a provider answered."""

    vectors: list[Any]
    """Each a list of numbers, or base64 of 32-bit floats; not checked yet."""
    model: object = None
    """As the provider calls it, if it does."""
    usage: dict[str, Any] | None = None
    """In OpenAI's shape; None: not reported."""


Read = Callable[[Any], Vectors]
"""Reads the document of an answer; raises `UpstreamBroken`."""


class EmbeddingsBody:
    """The answer to one question; an `app.wire.format.Body`.

    Args:
        question: that was asked.
        read: knows the provider's words.
        head: of the answer.

    Raises:
        UpstreamBroken: the answer does not say to be JSON.
    """

    done = False

    def __init__(self, question: Question, read: Read, head: AnswerHead) -> None:
        require_json(head)
        self._question = question
        self._read = read
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Keep the bytes."""
        self._pieces.append(piece)
        return iter(())

    def close(self) -> Iterator[ProviderEvent]:
        """Return all events of the document."""
        answer = self._read(decode_json(b"".join(self._pieces)))
        asked = len(inputs_of(self._question.document))
        if len(answer.vectors) != asked:
            raise UpstreamBroken(f"The provider sent {len(answer.vectors)} vectors for {asked} inputs.")
        said = answer.model
        is_name = isinstance(said, str) and _MODEL.fullmatch(said) is not None
        yield Started({"model": said if is_name else self._question.model})
        yield from self._embedded(answer.vectors)
        if answer.usage is not None:
            yield UsageReported(answer.usage)

    def _embedded(self, vectors: list[Any]) -> Iterator[Embedded]:
        as_text = self._question.document.get("encoding_format") == "base64"
        length = 0
        for index, sent in enumerate(vectors):
            vector = _numbers(sent)
            length = length or len(vector)
            if len(vector) != length:
                raise _no_vector()
            if as_text:
                yield Embedded(index, sent if isinstance(sent, str) else _written(vector))
            else:
                yield Embedded(index, vector if isinstance(vector, list) else vector.tolist())


def inputs_of(document: dict[str, Any]) -> list[Any]:
    """Return what vectors are asked of, each a text or an array of tokens."""
    asked = document["input"]
    is_one = isinstance(asked, str) or isinstance(asked[0], int)
    return [asked] if is_one else asked


def texts_of(document: dict[str, Any], target: str) -> list[str]:
    """Return what vectors are asked of, as texts.

    Args:
        document: the request.
        target: who is asked, for messages.

    Raises:
        InvalidRequest: some are tokens, which are another model's.
    """
    texts = [one for one in inputs_of(document) if isinstance(one, str)]
    if len(texts) < len(inputs_of(document)):
        message = f"{target} takes texts only: arrays of tokens are those of OpenAI's models."
        raise InvalidRequest(message, param="input", code="unsupported_parameter")
    return texts


def embedding_params(question: Question, target: str) -> Params:
    """Return the fields of a request for vectors beside its texts and the form of its answer."""
    document = {
        key: value for key, value in question.document.items() if key not in {"input", "encoding_format"}
    }
    return Params(document, question.unsupported, target)


def tokens_used(count: object) -> dict[str, Any] | None:
    """Return OpenAI's usage object for a number of tokens; None where it is no number."""
    if isinstance(count, float) and count.is_integer():
        count = int(count)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        return None
    return {"prompt_tokens": count, "total_tokens": count}


def vector_length(vector: list[float] | str) -> int:
    """Return how many coordinates a vector has."""
    if isinstance(vector, list):
        return len(vector)
    return (len(vector) * 3 // 4 - vector.count("=", -2)) // _FLOAT_BYTES


def _numbers(sent: object) -> "list[float] | array[float]":
    """Return the coordinates of a vector.

    Raises:
        UpstreamBroken: it is none.
    """
    if isinstance(sent, str):
        return _decoded(sent)
    try:  # JSON has no infinite numbers
        vector = msgspec.convert(sent, list[float])
    except msgspec.ValidationError:
        raise _no_vector() from None
    if not vector:
        raise _no_vector()
    return vector


def _decoded(text: str) -> "array[float]":
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _no_vector() from None
    if not octets or len(octets) % _FLOAT_BYTES:
        raise _no_vector()
    numbers = array("f", octets)
    if sys.byteorder == "big":
        numbers.byteswap()
    if not math.isfinite(sum(numbers)):  # 32-bit floats that are finite cannot add up to what is not
        raise _no_vector()
    return numbers


def _written(vector: "list[float] | array[float]") -> str:
    numbers = array("f", vector)
    if not math.isfinite(sum(numbers)):  # beyond what 32 bits hold
        raise _no_vector()
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()


def _no_vector() -> UpstreamBroken:
    return UpstreamBroken("The provider sent vectors that are none.")
