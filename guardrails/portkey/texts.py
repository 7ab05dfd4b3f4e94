"""What Portkey's checks call the text, and the shape of those that judge it."""

import re
from collections.abc import Callable, Sequence

from guardrails.check import Reads, Remark, Subject
from guardrails.part import Part
from guardrails.verdict import Side

_CONTENT = re.compile(
    r"(?:messages|choices)\[\d+\](?:\.message)?\.content\b|choices\[\d+\]\.text\b|(?:input|prompt)(?![\w.])"
)
"""Where a message, a choice, or what else is asked stands: of embeddings and completions."""


class TextVerdict:
    """A check that gives a verdict on texts as wholes.

    Args:
        name: of Portkey's function: `contains`.
        holds: returns the verdict on a text.
        everywhere: whether it must hold of every text; else of the last message, or of every choice.
    """

    reads: frozenset[Reads] = frozenset({"texts"})

    def __init__(self, name: str, holds: Callable[[str], bool], *, everywhere: bool = False) -> None:
        self.kind = f"default.{name}"
        self._name = name
        self._holds = holds
        self._everywhere = everywhere

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return a remark for each text of which it does not hold."""
        texts = all_texts(subject) if self._everywhere else asked_texts(subject)
        return [Remark(self._name, path) for path, text in texts if not self._holds(text)]


def asked_texts(subject: Subject) -> list[tuple[str, str]]:
    """Return the texts of which something may be demanded: the last message, or every choice.

    Returns:
        Path and text, the pieces of a message joined by line feeds. There is always one: where nothing was
        said it is empty.
    """
    contents = list(_contents(subject.parts).items())
    if subject.side is Side.INPUT:
        messages = [one for one in contents if one[0].startswith("messages")]
        return (messages or contents)[-1:] or [("messages[0].content", "")]
    return contents or [("choices[0].message.content", "")]


def all_texts(subject: Subject) -> list[tuple[str, str]]:
    """Return every text: messages and choices with their pieces joined, and all else by itself."""
    others = ((part.path, part.text) for part in subject.parts if not _CONTENT.match(part.path))
    return [*_contents(subject.parts).items(), *others]


def _contents(parts: Sequence[Part]) -> dict[str, str]:
    contents: dict[str, list[str]] = {}
    for part in parts:
        if found := _CONTENT.match(part.path):
            contents.setdefault(found[0], []).append(part.text)
    return {path: "\n".join(filter(None, pieces)) for path, pieces in contents.items()}
