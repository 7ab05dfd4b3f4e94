"""Completions of a prompt, OpenAI's older kind: what compatible providers are asked, and how they answer.

Their documents and chunks are those of chat completions, but for the text: `choices[0].text` in place of a
message. So they are read by the same code, with all that it mends, as if each choice had a message of that
text; its events then say that there is none. Providers of other formats have no such thing: a prompt that is
to go on is no turn of a chat, so it is refused there rather than guessed at.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.events import COMPLETION_TEXT, ProviderEvent, TextDelta
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve
from app.wire.openai.body import Check, body_of
from app.wire.openai.document import events_of_document
from app.wire.openai.mending import MendedBody
from app.wire.params import Params

_encode = msgspec.json.Encoder().encode


def ask_completion(question: Question, dialect: Dialect, target: str, check: Check | None) -> Asked:
    """Say the question in OpenAI's words.

    Args:
        question: what to ask.
        dialect: of the provider.
        target: names it, for messages.
        check: raises if a document is an error of this provider's own kind.

    Raises:
        InvalidRequest: the provider has no completions.
    """
    if dialect.completions_path is None:
        raise cannot_serve(question.operation, target)
    params = Params(question.document, question.unsupported, target)
    params.refuse(*dialect.drop)
    document = {**question.document, "model": question.model}
    for name in params.dropped:
        del document[name]
    if dialect.stream_usage != "opt-in":
        document.pop("stream_options", None)
    elif question.stream:
        document["stream_options"] = {**(document.get("stream_options") or {}), "include_usage": True}

    def read(head: AnswerHead) -> Body:
        body: Body = body_of(head, question, check, _as_chat)
        if question.strict:
            body = MendedBody(body, msgspec.structs.replace(dialect, think_tags=False), strict=True)
        return CompletionBody(body)

    return Asked(path=dialect.completions_path, content=_encode(document), read=read, dropped=params.dropped)


class CompletionBody:
    """An answer whose texts stand in no message.

    Args:
        body: reads it as a chat completion.
    """

    def __init__(self, body: Body) -> None:
        self._body = body

    @property
    def done(self) -> bool:
        """Whether the answer said that it is complete."""
        return self._body.done

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        return map(_as_text, self._body.feed(piece))

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        return map(_as_text, self._body.close())


def events_of_completion(document: Any) -> Iterator[ProviderEvent]:  # noqa: ANN401 (JSON)
    """Return the events of a `text_completion` document.

    Raises:
        UpstreamError: it is none, or an error.
    """
    return map(_as_text, events_of_document(_as_chat(document)))


def _as_text(event: ProviderEvent) -> ProviderEvent:
    if isinstance(event, TextDelta) and event.channel == "content":
        return msgspec.structs.replace(event, channel=COMPLETION_TEXT)
    return event


def _as_chat(document: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a document or chunk as the one that a chat would have, as far as it is one at all."""
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list):
        return document
    return {**document, "choices": [_choice(choice) for choice in choices]}


def _choice(choice: Any) -> Any:  # noqa: ANN401 (JSON)
    if not isinstance(choice, dict) or not isinstance(choice.get("text"), str):
        return choice
    rest = {key: value for key, value in choice.items() if key != "text"}
    said = {"content": choice["text"]}
    return {**rest, "message": said, "delta": said}
