"""LlamaIndex's Portkey class and an agent that reasons with it, in writing, for the class calls no functions.

As released, the class cannot be built: so it is with 0.6.0, the newest on PyPI (2026-12). It imports
`portkey`, as Portkey's SDK was called before 1.0 (what has that name now is a web page toolkit of others).
Without such a module it raises

    ImportError: Portkey is not installed.Please install it with `pip install portkey-ai`.

and with one, for its fields are not what pydantic 2 takes,

    PydanticUserError: `Portkey` is not fully defined; you should define `Modes`, then call
    `Portkey.model_rebuild()`.

The case `released` builds it so: once these errors are gone, `test_frameworks.py` fails, and this goes.
What it imports is put there under that name, from the SDK that it depends on and that asks; the class's own
code makes its requests and reads answers and streams. `ask_llama_index.py` is the way without any of this.
"""

import asyncio
import sys
from types import ModuleType
from typing import Any

import portkey_ai

_NAMES = "Config LLMOptions Message Modes ModesLiteral PortkeyResponse"
_portkey: Any = ModuleType("portkey")
for _name in _NAMES.split():
    setattr(_portkey, _name, getattr(portkey_ai, _name))
sys.modules["portkey"] = _portkey

from llama_index.core.agent.workflow import ReActAgent  # noqa: E402 (what it imports must be there before)
from llama_index.core.llms import ChatMessage  # noqa: E402
from llama_index.llms.portkey import Portkey  # noqa: E402
from pydantic import Field  # noqa: E402

from tests.frameworks.asking import DENIED_QUESTION, MODEL, QUESTION, WEATHER_QUESTION, refused, tell, weather  # noqa: E402


class _ChatCompletions:
    """`portkey.ChatCompletions`, asked by the SDK of today: each of `llms` becomes a target of a config."""

    @staticmethod
    def create(*, messages: Any, config: Any, **more: Any) -> Any:
        targets = [{"provider": llm.provider, "override_params": {"model": llm.model}} for llm in config.llms]
        client = portkey_ai.Portkey(
            api_key=_portkey.api_key,
            base_url=_portkey.base_url,
            config={"strategy": {"mode": _portkey.mode}, "targets": targets},
            strict_open_ai_compliance=False,
        )
        answer: Any = client.chat.completions.create(model=MODEL, messages=messages, **more)
        if not more.get("stream"):  # messages were dictionaries then
            said = answer.choices[0].message
            answer.choices[0].message = {"role": said.role, "content": said.content}
        return answer


_portkey.ChatCompletions = _ChatCompletions


class _Portkey(Portkey):  # type: ignore[misc]  # it has no types here
    """The class, with its three fields declared so that pydantic 2 can build it."""

    mode: Any = None
    llm: Any = None
    llms: list[Any] = Field(default_factory=list)


def _model(base_url: str, key: str) -> Any:
    model = _Portkey(mode="fallback", api_key=key, base_url=base_url)
    return model.add_llms([_portkey.LLMOptions(provider=slug, model=MODEL) for slug in ("@main", "@spare")])


def whole(base_url: str, key: str) -> dict[str, Any]:
    answer = _model(base_url, key).chat([ChatMessage(QUESTION)])
    return {"text": answer.message.content, "tokens": answer.raw.usage.total_tokens}


def streamed(base_url: str, key: str) -> dict[str, Any]:
    answers = list(_model(base_url, key).stream_chat([ChatMessage(QUESTION)]))
    return {"text": answers[-1].message.content, "pieces": len([one for one in answers if one.delta])}


def tools(base_url: str, key: str) -> dict[str, Any]:
    return _agent(_model(base_url, key), stream=False)


def tools_streamed(base_url: str, key: str) -> dict[str, Any]:
    return _agent(_model(base_url, key), stream=True)


def denied(base_url: str, key: str) -> dict[str, Any]:
    return refused(lambda: _model(base_url, key).chat([ChatMessage(DENIED_QUESTION)]))


def released(base_url: str, key: str) -> dict[str, Any]:
    """Build the class as released, without and with a module `portkey`; return why it cannot be."""

    def why() -> str:
        try:
            Portkey(mode="fallback", api_key=key, base_url=base_url)
        except Exception as error:  # noqa: BLE001 (any is an answer)
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return "it was built"

    del sys.modules["portkey"]
    try:
        without = why()
    finally:
        sys.modules["portkey"] = _portkey
    return {"without": without, "with": why()}


def _agent(model: Any, *, stream: bool) -> dict[str, Any]:
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        return weather(city, asked)

    async def run() -> str:
        agent = ReActAgent(tools=[get_weather], llm=model, streaming=stream)
        return str(await agent.run(WEATHER_QUESTION))

    return {"text": asyncio.run(run()), "asked": asked}


if __name__ == "__main__":
    tell(
        {
            "whole": whole,
            "streamed": streamed,
            "tools": tools,
            "tools streamed": tools_streamed,
            "denied": denied,
            "released": released,
        }
    )
