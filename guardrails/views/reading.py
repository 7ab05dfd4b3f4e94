"""A reading: a text that a view makes of another one, and where each of its characters is from."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from guardrails.view import View


class Piece(msgspec.Struct, frozen=True):
    """Neighbouring characters of a reading that come from neighbouring ones of its source in one way."""

    start: int
    """Where it begins in the reading."""
    source_start: int
    source_end: int
    stride: int
    """How many characters of the source each of its characters stands for: 1 for text as it was, 3 for
    `%41%42`; 0 where any of them stands for all (`fi` for a ligature, what was base64)."""


class Reading:
    """What a view makes of a text. Immutable.

    Args:
        view: which one.
        text: what checks are asked about.
        pieces: in order, together all of the text.
        source: the reading that it was made from; None if that is the original text.
        in_place: whether it reads all of the original, so that it goes on as the original does; else it is a
            payload, a text of its own.
    """

    __slots__ = ("_pieces", "_source", "_starts", "in_place", "text", "view")

    def __init__(
        self,
        view: View,
        text: str,
        pieces: Sequence[Piece],
        source: "Reading | None" = None,
        *,
        in_place: bool = True,
    ) -> None:
        self.view = view
        self.text = text
        self.in_place: bool = in_place and (source is None or source.in_place)
        self._pieces = pieces
        self._source = source
        self._starts = [piece.start for piece in pieces]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that a stretch of this text is from, end exclusive.

        What is invisible between two of its characters belongs to it, what is invisible around it does not.
        A stretch without characters is from the place before the character that follows.
        """
        if not self._pieces:
            here = 0, 0
        elif start == end:
            here = self._place(start)
        else:
            here = self._characters(start)[0], self._characters(end - 1)[1]
        return here if self._source is None else self._source.origin(*here)

    def _place(self, offset: int) -> tuple[int, int]:
        place = self._pieces[-1].source_end if offset == len(self.text) else self._characters(offset)[0]
        return place, place

    def _characters(self, offset: int) -> tuple[int, int]:
        """Return what one character of this text stands for."""
        piece = self._pieces[bisect_right(self._starts, offset) - 1]
        if not piece.stride:
            return piece.source_start, piece.source_end
        start = piece.source_start + (offset - piece.start) * piece.stride
        return start, start + piece.stride


class Pieces:
    """Puts a reading together from the left."""

    __slots__ = ("_length", "_pieces", "_texts")

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0

    def add(self, text: str, source_start: int, source_end: int, stride: int | None = None) -> None:
        """Append what a stretch of the source reads as; nothing if it is not to be seen.

        Without a stride, a text as long as its source is taken for 1 to 1, and any other for a whole.
        """
        if not text:
            return
        if stride is None:
            stride = int(len(text) == source_end - source_start)
        last = self._pieces[-1] if self._pieces else None
        if last is not None and last.stride == stride == 1 and last.source_end == source_start:
            self._pieces[-1] = Piece(last.start, last.source_start, source_end, 1)
        else:
            self._pieces.append(Piece(self._length, source_start, source_end, stride))
        self._texts.append(text)
        self._length += len(text)

    @property
    def last(self) -> str:
        """The last character so far."""
        return self._texts[-1][-1] if self._texts else ""

    def take_last(self) -> int:
        """Take back the last character; return where in the source it begins."""
        text, piece = self._texts.pop(), self._pieces.pop()
        self._length -= 1
        if len(text) > 1:
            self._texts.append(text[:-1])
        kept = self._length - piece.start
        if not piece.stride or not kept:
            if kept:
                self._pieces.append(piece)
            return piece.source_start
        end = piece.source_start + kept * piece.stride
        self._pieces.append(Piece(piece.start, piece.source_start, end, piece.stride))
        return end

    def text(self) -> str:
        """Return the text so far."""
        return "".join(self._texts)

    def reading(self, view: View, text: str, source: Reading | None = None) -> Reading:
        """Return what has been put together; the text is as long as `text()`."""
        return Reading(view, text, self._pieces, source)
