"""The fields of a request that are no conversation, each taken, or dealt with as configured.

A format takes what it can express. What is left at the end, documented or not, is what the target cannot
express; one setting says what becomes of it (`app/wire/format.py`, `Unsupported`). Values that ask for what
happens anyway are nobody's loss. Tools, a forced tool, a JSON schema, images and more than one choice are
never left out silently: without them the answer is another one.
"""

from collections.abc import Iterable
from typing import Any

from app.domain.errors import InvalidRequest
from app.wire.format import Unsupported

NEVER_DROPPED = frozenset({"tools", "tool_choice", "functions", "function_call", "response_format", "n"})
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "store": (False,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "stop": ([], ""),
    "metadata": ({},),
    "tools": ([],),
    "functions": ([],),
    "modalities": (["text"],),
    "parallel_tool_calls": (True,),
    "service_tier": ("auto", "default"),
    "response_format": ({"type": "text"},),
    "tool_choice": ("auto",),
    "function_call": ("auto",),
}
"""Values that say what holds without them."""
_ROUTED = frozenset({"model", "messages", "stream", "stream_options"})


class Params:
    """The fields of one request beside its messages.

    Args:
        document: the request.
        unsupported: what becomes of those that nobody takes.
        target: names the provider's format and the model, for messages.
    """

    def __init__(self, document: dict[str, Any], unsupported: Unsupported, target: str) -> None:
        self._left = {
            key: value for key, value in document.items() if key not in _ROUTED and value is not None
        }
        self._unsupported = unsupported
        self._target = target
        self._passed: dict[str, Any] = {}
        self._dropped: list[str] = []

    def take(self, *names: str) -> Any:  # noqa: ANN401 (JSON)
        """Return the value of the first of these that is given, None if none is; all are dealt with."""
        found = None
        for name in names:
            value = self._left.pop(name, None)
            found = value if found is None else found
        return found

    def lose(self, param: str, value: Any, reason: str = "") -> None:  # noqa: ANN401 (JSON)
        """Deal with a parameter, or a part of one, that cannot be expressed.

        Args:
            param: as callers write it: `top_k`, `tool_choice`, `messages[0].content[1]`.
            value: its value; it is passed under its name where that is configured and it stands at the top.
            reason: why, as a sentence: "It cannot be combined with thinking."

        Raises:
            InvalidRequest: it must not be left out, or nothing must.
        """
        name = param.partition(".")[0].partition("[")[0]
        if self._unsupported == "passthrough" and param == name:
            self._passed[name] = value
        elif self._unsupported == "error" or name in NEVER_DROPPED or name == "messages":
            raise unsupported(param, self._target, reason)
        elif param not in self._dropped:
            self._dropped.append(param)

    def refuse(self, *names: str) -> None:
        """Deal with those of these that are given and ask for anything: the target knows none of them."""
        for name in names:
            value = self._left.pop(name, None)
            if value is not None and value not in _NEUTRAL.get(name, ()):
                self.lose(name, value)

    def gives(self, names: frozenset[str]) -> bool:
        """Whether any of these is given and nobody has dealt with it: one look saves many."""
        return not names.isdisjoint(self._left)

    @property
    def left(self) -> tuple[str, ...]:
        """Names of those that nobody took so far."""
        return tuple(self._left)

    def rest(self, passed: Iterable[str] = ()) -> dict[str, Any]:
        """Deal with what nobody took, and return what is sent under its own name.

        Args:
            passed: fields of the provider's own that callers may give as they are.
        """
        for name in passed:
            if name in self._left:
                self._passed[name] = self._left.pop(name)
        for name, value in self._left.items():
            if value not in _NEUTRAL.get(name, ()):
                self.lose(name, value)
        self._left.clear()
        return self._passed

    @property
    def dropped(self) -> tuple[str, ...]:
        """What was left out so far."""
        return tuple(self._dropped)


def unsupported(param: str, target: str, reason: str = "") -> InvalidRequest:
    """Return the error for a parameter that a target cannot express.

    Args:
        param: as callers write it.
        target: "Anthropic's claude-opus-4-8", say.
        reason: why, as a sentence.
    """
    message = f"{target} cannot be asked for `{param}`."
    return InvalidRequest(f"{message} {reason}".strip(), param=param, code="unsupported_parameter")
