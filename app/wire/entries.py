"""Lists in a message that a stream makes longer: whoever reads them puts them together by `index`.

Entries have an `index`, their place in the list, since the `openai` SDK's helper refuses lists that grow
without (`accumulate_delta` in 3.54); a whole answer has the same entries, so it has the same numbers. What a
caller sends back of such lists goes to the vendor without them. `tool_calls` are not among them, they have
events of their own.

`content_blocks` is the one list that all vendors' own formats share, for callers who do not insist on
OpenAI's words (`app.wire.format.Question.strict`). It means the same from each of them: what the message
holds once more, everything but calls and what stands for an answer in JSON, in its order; blocks are whole,
said at the end of each; they have Anthropic's form where it has one, `{"type": "text", "text"}`,
`{"type": "thinking", "thinking", "signature"}` (unsigned thoughts without or with an empty one),
`{"type": "image", "source"}`, and are `{"type", ...}` with the vendor's members where it has none.
"""

from typing import Any

from app.domain.events import Extra

CONTENT_BLOCKS = "content_blocks"


class Entries:
    """The lists of one choice.

    Args:
        choice: its index.
    """

    __slots__ = ("_choice", "_counts")

    def __init__(self, choice: int) -> None:
        self._choice = choice
        self._counts: dict[str, int] = {}

    def next(self, lists: dict[str, list[Any]]) -> Extra:
        """Return the next entries of these lists."""
        return Extra(self._choice, {name: self.numbered(name, entries) for name, entries in lists.items()})

    def numbered(self, name: str, entries: list[Any]) -> list[Any]:
        """Return the next entries of a list with their places; only objects have room for one, or need it."""
        first = self._counts.get(name, 0)
        self._counts[name] = first + len(entries)
        return [
            {**entry, "index": place} if isinstance(entry, dict) else entry
            for place, entry in enumerate(entries, first)
        ]
