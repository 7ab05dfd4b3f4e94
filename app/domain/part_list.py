"""The texts of one document, as many as can be told apart at a bearable price.

Each text costs its path, and a path may be longer than the text: a document of one megabyte that nests deep
may hold a hundred thousand texts of one letter, with kilobytes of path each. So what a path costs counts
before anything is done with it, also those of what is walked through and holds no text.
"""

import msgspec

from guardrails.part import Part

MAX_PARTS = 100_000
MAX_PATH_CHARS = 16 * 1024 * 1024
"""A hundred thousand texts with paths of 160 characters each; real ones have some thirty."""


class TooManyTexts(ValueError):
    """A document has more texts than can be told apart at a bearable price."""


class PartList(list[Part]):
    """A list that refuses to grow beyond reason.

    Args:
        bounded: whether it does; not for a document of which somebody else has seen to that.
    """

    def __init__(self, *, bounded: bool = True) -> None:
        super().__init__()
        self._bounded = bounded
        self._path_chars = 0
        self.is_new = True
        """Of what is appended; see `Part.is_new`."""

    def place(self, path: str) -> str:
        """Return the path that has just been written, and count what it costs.

        Raises:
            TooManyTexts: all paths together are over 16 Mi characters.
        """
        self._path_chars += len(path)
        if self._bounded and self._path_chars > MAX_PATH_CHARS:
            raise TooManyTexts("a request's texts stand too deep: their paths are too long together")
        return path

    def append(self, part: Part) -> None:
        """Append a part.

        Raises:
            TooManyTexts: there are 100,000 already.
        """
        if self._bounded and len(self) >= MAX_PARTS:
            raise TooManyTexts(f"a request may hold {MAX_PARTS:,} texts at the most")
        super().append(part if self.is_new else msgspec.structs.replace(part, is_new=False))
