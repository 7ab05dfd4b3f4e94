r"""The restorer: puts values back where a text has their pseudonyms, however the text is cut into pieces.

A pseudonym is recognised in capitals or small letters, with or without its brackets, and with the backslashes
of Markdown: `[EMAIL_KVQZMD]`, `email_kvqzmd`, `\[EMAIL\_KVQZMD\]`. Without brackets it must be a word of
its own: neither a letter, nor a digit, nor `_` stands next to it. What only looks like one is left alone.

Of a text that still grows, held back is only the end that may yet become one of the pseudonyms that were
given out: at most one word. What comes out in all is what the whole text would give.
"""

import re
from collections.abc import Callable
from typing import Protocol

_NAME = r"[A-Za-z0-9]+(?:\\?_[A-Za-z0-9]+)+"
_WORD = "A-Za-z0-9_"
_PSEUDONYM = re.compile(rf"\\?\[({_NAME})\\?\]|(?<![{_WORD}])({_NAME})(?![{_WORD}]|\\_)")
_BEGUN = re.compile(rf"(?:\\?\[|(?<![{_WORD}]))((?:[A-Za-z0-9]|\\?_)*)\\?\Z")
"""The end of a text that may go on to be a pseudonym."""
_SIGNS = 4
"""What may stand around a name: brackets, and a backslash before each."""

Written = Callable[[str], str]
"""How a value is written where it is put: escaped, in JSON."""


class Pseudonyms(Protocol):
    """Knows which pseudonyms were given out; all are asked about in capitals."""

    @property
    def longest(self) -> int:
        """How many characters the longest of them has, without brackets."""

    def value(self, pseudonym: str) -> str | None:
        """Return what one stands for, None if it was not given out."""

    def may_begin(self, start: str) -> bool:
        """Whether any of them starts like this."""


class Restorer:
    """Restores one text. Not to be shared between texts.

    Args:
        pseudonyms: that were given out.
        written: how a value is written; as it is, if not given.
    """

    __slots__ = ("_before", "_held", "_pseudonyms", "_written")

    def __init__(self, pseudonyms: Pseudonyms, written: Written = str) -> None:
        self._pseudonyms = pseudonyms
        self._written = written
        self._held = ""
        self._before = ""
        """The character before what is held."""

    def feed(self, text: str) -> str:
        """Take the next piece; return what is settled of the text by now, restored."""
        text = self._before + self._held + text
        end = self._settled(text)
        restored = self._restored(text, len(self._before), end)
        self._held = text[end:]
        self._before = text[max(0, end - 1) : end]
        return restored

    def finish(self) -> str:
        """Return the rest: the text has ended."""
        restored = self._restored(self._before + self._held, len(self._before))
        self._before = self._held = ""
        return restored

    def _settled(self, text: str) -> int:
        # A name may have a backslash before each `_`, so twice its length is more than it can take.
        start = max(len(self._before), len(text) - 2 * self._pseudonyms.longest - _SIGNS)
        begun = _BEGUN.search(text, start)
        if begun is not None and begun[0] and self._pseudonyms.may_begin(_plain(begun[1])):
            return begun.start()
        return len(text) - text.endswith("\\")

    def _restored(self, text: str, start: int, end: int | None = None) -> str:
        end = len(text) if end is None else end
        if text.find("_", start, end) < 0:
            return text[start:end]
        pieces: list[str] = []
        for found in _PSEUDONYM.finditer(text, start, end):
            value = self._pseudonyms.value(_plain(found[1] or found[2]))
            if value is not None:
                pieces += text[start : found.start()], self._written(value)
                start = found.end()
        pieces.append(text[start:end])
        return "".join(pieces)


def _plain(name: str) -> str:
    return name.replace("\\", "").upper()
