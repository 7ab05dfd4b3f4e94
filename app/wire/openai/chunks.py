"""The chunks of a stream of an OpenAI-compatible provider, read into events."""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import Extra, ProviderEvent, Started, UsageReported
from app.wire.openai.choice import ChoiceReader
from app.wire.openai.document import checked, index_of, protocol_fields, read_choice

_SAME_IN_ALL = frozenset({"id", "created", "model"})
"""What a stream says once; some servers make up new ones for each chunk."""


class ChunkReader:
    """Reads the chunks of one stream.

    Finish reasons and usage are held until the end: some servers send text after a finish reason, or usage
    with every chunk, and whoever reads the events shall not have to think of that.
    """

    def __init__(self) -> None:
        self._started: dict[str, Any] | None = None
        self._early: dict[str, Any] = {}
        """Top-level fields that came before the answer had an id or a choice (Azure's filter results)."""
        self._top: dict[str, Any] = {}
        """Top-level fields of the chunk before, to see what is new."""
        self._choices: dict[int, ChoiceReader] = {}
        self._usage: dict[str, Any] | None = None

    def events(self, chunk: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Return the events of one chunk.

        Raises:
            UpstreamError: it is none, or an error.
        """
        top = dict(checked(chunk))
        choices = top.pop("choices", None) or ()
        if not isinstance(choices, list | tuple):
            raise UpstreamBroken("The provider sent a chunk whose choices are no list.")
        self._count(top, choices)
        events = self._top_level(top, choices)
        for choice in choices:
            index = index_of(choice, 0)
            reader = self._choices.get(index)
            if reader is None:
                answer_id = str((self._started or {}).get("id"))
                reader = self._choices[index] = ChoiceReader(index, answer_id)
            events += read_choice(reader, choice, "delta")
        return events

    def close(self, *, said_done: bool) -> Iterator[ProviderEvent]:
        """Return the last events.

        Args:
            said_done: whether `[DONE]` came; without it, finish reasons alone say that the answer is
                complete.

        Raises:
            UpstreamBroken: the stream stopped half-way.
        """
        ends = [reader.end() if said_done or reader.reason else None for reader in self._choices.values()]
        if not ends or any(end is None or end.reason is None for end in ends):
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")
        yield from (end for end in ends if end is not None)
        if self._usage is not None:
            yield UsageReported(self._usage)

    def _count(self, top: dict[str, Any], choices: Any) -> None:  # noqa: ANN401 (JSON)
        """Take usage from wherever it is: the last that came counts."""
        usage = top.pop("usage", None)
        if usage is None and "x_groq" in top and isinstance(top["x_groq"], dict):
            usage = top["x_groq"].get("usage")
        if usage is None and choices and isinstance(choices[0], dict):
            usage = choices[0].get("usage")
        if isinstance(usage, dict):
            self._usage = usage

    def _top_level(self, top: dict[str, Any], choices: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Return `Started` for the first chunk of the answer, and what is new in a later one."""
        # Padding that hides how long a chunk is; ours are cut anew, so it means nothing.
        top.pop("obfuscation", None)
        top.pop("object", None)
        if top == self._top:
            return []
        if self._started is None:
            self._early.update((k, value) for k, value in top.items() if value or k not in self._early)
            if not top.get("id") and not any(map(_says_something, choices)):
                return []
            self._top, fields = top, self._early
            self._started = protocol_fields(fields)
            extras = {key: value for key, value in fields.items() if key not in self._started}
            events: list[ProviderEvent] = [Started(self._started)]
        else:
            extras = {
                key: value
                for key, value in top.items()
                if key not in _SAME_IN_ALL and (key not in self._top or self._top[key] != value)
            }
            self._top = {**self._top, **top}
            events = []
        if extras:
            events.append(Extra(None, extras))
        return events


def _says_something(choice: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether a choice is a part of the answer, and not only what a filter (Azure's) thinks of it."""
    return not isinstance(choice, dict) or any(
        choice.get(key) for key in ("delta", "message", "finish_reason")
    )
