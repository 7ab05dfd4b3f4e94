"""Asks a running service with the openai SDK, whole or streamed, and reads both answers alike."""

from typing import Any

import msgspec
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionMessageFunctionToolCall

from tests.features.said import Heard, Said
from tests.features.vendors import Vendors

_DROPPED = "x-handrail-dropped-params"


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, and what the vendor heard."""

    text: str | None
    thoughts: str | None
    calls: tuple[tuple[str, str], ...]
    """Names and arguments."""
    ids: tuple[str, ...]
    """Of the calls."""
    finish_reason: str
    usage: tuple[int, int, int] | None
    """Prompt, completion, total."""
    dropped: tuple[str, ...]
    """Parameters that were left out, as the service says."""
    message: dict[str, Any]
    """As a client puts it back into the conversation."""
    heard: Heard


class Refused(Exception):
    """The service refused to ask: a caller's error that names a field.

    Args:
        param: the field.
    """

    def __init__(self, param: str) -> None:
        super().__init__(param)
        self.param = param


class Asking:
    """Asks one model in one of the two ways.

    Args:
        client: of the service.
        vendors: behind it.
        kind: whom to ask.
        model: as the vendor calls it.
        stream: whether for a stream.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, vendors: Vendors, kind: str, model: str, *, stream: bool
    ) -> None:
        self.kind = kind
        self.stream = stream
        self._client = client
        self._vendors = vendors
        self._model = f"@{kind}/{model}"

    async def __call__(self, said: Said, messages: list[Any], **fields: Any) -> Answered:
        """Ask.

        Raises:
            Refused: the service did not ask the vendor, and said why not.
            openai.APIError: anything else went wrong.
        """
        self._vendors.say(self.kind, said)
        try:
            answer, dropped = await self._asked(messages, fields)
        except openai.BadRequestError as error:
            if error.param is None or self._vendors.heard(self.kind) is not None:
                raise
            if error.code != "unsupported_parameter":
                raise
            raise Refused(error.param) from error
        heard = self._vendors.heard(self.kind)
        assert heard is not None
        return _read(answer, dropped, heard)

    async def _asked(
        self, messages: list[Any], fields: dict[str, Any]
    ) -> tuple[ChatCompletion, tuple[str, ...]]:
        completions = self._client.chat.completions.with_raw_response
        if not self.stream:
            raw = await completions.create(model=self._model, messages=messages, **fields)
            return raw.parse(), _names(raw.headers.get(_DROPPED))
        streamed = await completions.create(
            model=self._model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            **fields,
        )
        state, last = ChatCompletionStreamState(), None
        async for chunk in streamed.parse():
            assert last is None, "something came behind the usage"
            last = chunk.usage
            state.handle_chunk(chunk)
        assert last is not None, "the stream ended without usage"
        return state.current_completion_snapshot, _names(streamed.headers.get(_DROPPED))


def _names(header: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in header.split(",")) if header else ()


def _read(answer: ChatCompletion, dropped: tuple[str, ...], heard: Heard) -> Answered:
    choice, usage = answer.choices[0], answer.usage
    message = choice.message
    more = message.model_extra or {}
    calls = [call for call in message.tool_calls or () if call.type == "function"]
    return Answered(
        text=message.content,
        thoughts=more.get("reasoning_content") or more.get("reasoning"),
        calls=tuple((call.function.name, call.function.arguments) for call in calls),
        ids=tuple(call.id for call in calls),
        finish_reason=choice.finish_reason,
        usage=(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) if usage else None,
        dropped=dropped,
        message={"role": "assistant", "content": message.content, **more, "tool_calls": [*map(_back, calls)]},
        heard=heard,
    )


def _back(call: ChatCompletionMessageFunctionToolCall) -> dict[str, Any]:
    """Return a call as it is sent back: with fields of the vendor's own, without its place in a stream."""
    more = {key: value for key, value in (call.model_extra or {}).items() if key != "index"}
    function = {"name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id, "type": "function", "function": function, **more}
