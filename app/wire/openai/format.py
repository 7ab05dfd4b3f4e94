"""OpenAI's API as a wire format: its own, and every other that says it is compatible.

The caller speaks this format already, so the plain dialect sends his document as it came. What a provider
does differently is data (`app/catalogue/dialect.py`).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.abilities import Abilities
from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.operation import Operation
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve
from app.wire.openai.body import body_of
from app.wire.openai.completion import ask_completion
from app.wire.openai.dialect import Images, say
from app.wire.openai.embeddings import ask_embeddings
from app.wire.openai.errors import refusal
from app.wire.openai.functions import FunctionBody, expects_function_call, speaks_of_functions, with_tools
from app.wire.openai.mending import MendedBody, error_check

_RETRY_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
"""What the SDKs wait by, and whether they do."""
_encode = msgspec.json.Encoder().encode


class OpenAIFormat:
    """The format in one dialect; an `app.wire.format.Format`.

    Args:
        dialect: how this provider's API differs.
        images: whether it fetches images, takes them as `data:` URLs only, or takes none.
        name: of the provider, for messages.
    """

    def __init__(
        self, dialect: Dialect | None = None, *, images: Images = "url", name: str = "The provider"
    ) -> None:
        self._dialect = dialect or Dialect()
        self._images: Images = images
        self._name = name
        self._check = error_check(self._dialect)
        self._is_plain = images == "url" and _request_side(self._dialect) == _PLAIN
        self._turns_functions = "functions" in self._dialect.drop and "tools" not in self._dialect.drop
        self._mends = _answer_side(self._dialect) != _PLAIN

    def ask(self, question: Question) -> Asked:
        """Say the question in the provider's words; see `app.wire.format.Format.ask`."""
        match question.operation:
            case Operation.CHAT:
                return self._ask_chat(question)
            case Operation.COMPLETION:
                return ask_completion(question, self._dialect, self._name, self._check)
            case Operation.EMBEDDINGS:
                return ask_embeddings(question, self._dialect, self._name)
            case _:  # what is passed on is not asked
                raise cannot_serve(question.operation, self._name)

    def _ask_chat(self, question: Question) -> Asked:
        is_legacy = False
        if self._turns_functions and speaks_of_functions(question.document):
            is_legacy = expects_function_call(question.document)
            question = msgspec.structs.replace(question, document=with_tools(question.document))
        if self._is_plain and _is_plain_model(question.abilities):
            document: dict[str, Any] = {**question.document, "model": question.model}
            dropped: tuple[str, ...] = ()
        else:
            said = say(question, self._dialect, self._images, f"{self._name}'s {question.model}")
            document, dropped = said.document, said.dropped
        if self._dialect.stream_usage != "opt-in":
            document.pop("stream_options", None)
        elif question.stream:
            options = question.document.get("stream_options") or {}
            document["stream_options"] = {**options, "include_usage": True}
        return Asked(
            path=self._dialect.chat_path,
            content=_encode(document),
            read=lambda head: self._body(head, question, is_legacy=is_legacy),
            dropped=dropped,
        )

    def _body(self, head: AnswerHead, question: Question, *, is_legacy: bool) -> Body:
        """Return the reader for what this answer is.

        Raises:
            UpstreamBroken: it is neither JSON nor a stream of events.
        """
        body: Body = body_of(head, question, self._check)
        if question.strict or self._mends:
            body = MendedBody(body, self._dialect, strict=question.strict)
        return FunctionBody(body) if is_legacy else body

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`."""
        kept = tuple((name, headers[name]) for name in _RETRY_HEADERS if headers.get(name))
        return refusal(document, status, kept)

    @property
    def models_path(self) -> str | None:
        """Where the provider lists its models."""
        return self._dialect.models_path

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return the provider's models: those with a text `id`; see `app.wire.format.Format.models`."""
        models = document.get("data") if isinstance(document, dict) else document
        if not isinstance(models, list):
            raise UpstreamBroken("The provider sent a list of models that is none.")
        return tuple(
            model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)
        )


def _is_plain_model(abilities: Abilities) -> bool:
    """Whether nothing is said of a model that a request to it must heed."""
    return (
        not abilities.refused
        and not abilities.refused_while_thinking
        and abilities.efforts is None
        and abilities.vision
        and abilities.forced_tools
        and not abilities.temperature_or_top_p
    )


def _request_side(dialect: Dialect) -> Dialect:
    """Return the dialect with all that a request's document does not show as it is by default."""
    return msgspec.structs.replace(dialect, **{name: getattr(_PLAIN, name) for name in (*_ANSWER, *_PLACES)})


def _answer_side(dialect: Dialect) -> Dialect:
    """Return the dialect with nothing but what answers show."""
    return msgspec.structs.replace(_PLAIN, **{name: getattr(dialect, name) for name in _ANSWER})


_PLAIN = Dialect()
_PLACES = ("chat_path", "completions_path", "embeddings", "models_path", "stream_usage")
_ANSWER = (
    "think_tags",
    "rename_reasoning",
    "thinking_parts",
    "reasoning_outside",
    "cached_field",
    "stop_with_calls",
    "finish",
    "failing",
    "error_within",
)
