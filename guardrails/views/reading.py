"""A reading: a text that a view makes of another one, and where each of its characters is from."""

from bisect import bisect_right

from guardrails.view import View


class Origins:
    """Where the characters of a reading are from, stretch by stretch.

    A *stretch* is a run of neighbouring characters that come from neighbouring ones of the source in one way.
    Its *stride* says how many characters of the source each of its characters stands for: 1 for text as it
    was, 3 for `%41%42`; 0 where any of them stands for all (`fi` for a ligature, what was base64).

    Four lists, for a text may have thousands of them.
    """

    __slots__ = ("ends", "sources", "starts", "strides")

    def __init__(self) -> None:
        self.starts: list[int] = []
        """Where each stretch begins in the reading."""
        self.sources: list[int] = []
        """Where it begins in the source."""
        self.ends: list[int] = []
        """Where it ends in the source."""
        self.strides: list[int] = []

    def add(self, start: int, source_start: int, source_end: int, stride: int) -> None:
        """Append a stretch."""
        if stride == 1 and self.ends and self.ends[-1] == source_start and self.strides[-1] == 1:
            self.ends[-1] = source_end
            return
        self.starts.append(start)
        self.sources.append(source_start)
        self.ends.append(source_end)
        self.strides.append(stride)

    def of(self, offset: int) -> tuple[int, int]:
        """Return what one character of the reading stands for: start and end in the source."""
        place = bisect_right(self.starts, offset) - 1
        stride = self.strides[place]
        if not stride:
            return self.sources[place], self.ends[place]
        start = self.sources[place] + (offset - self.starts[place]) * stride
        return start, start + stride


class Reading:
    """What a view makes of a text. Immutable.

    Args:
        view: which one.
        text: what checks are asked about.
        origins: of all of the text.
        source: the reading that it was made from; None if that is the original text.
        in_place: whether it reads all of its source, so that it goes on as that does; else it is a payload, a
            text of its own.
    """

    __slots__ = ("_origins", "_source", "in_place", "text", "view")

    def __init__(
        self, view: View, text: str, origins: Origins, source: "Reading | None", *, in_place: bool = True
    ) -> None:
        self.view = view
        self.text = text
        self.in_place: bool = in_place and (source is None or source.in_place)
        self._origins = origins
        self._source = source

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that a stretch of this text is from, end exclusive.

        What is invisible between two of its characters belongs to it, what is invisible around it does not.
        A stretch without characters is from the place before the character that follows.
        """
        if start < end:
            here = self._origins.of(start)[0], self._origins.of(end - 1)[1]
        else:
            ends = self._origins.ends
            place = self._origins.of(start)[0] if start < len(self.text) else ends[-1] if ends else 0
            here = place, place
        return here if self._source is None else self._source.origin(*here)


class Pieces:
    """Puts a reading together from the left."""

    __slots__ = ("_length", "_origins", "_texts")

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._origins = Origins()
        self._length = 0

    def add(self, text: str, source_start: int, source_end: int, stride: int | None = None) -> None:
        """Append what a stretch of the source reads as; nothing if it is not to be seen.

        Without a stride, a text as long as its source is taken for 1 to 1, and any other for a whole.
        """
        length = len(text)
        if length:
            if stride is None:
                stride = 1 if length == source_end - source_start else 0
            self._origins.add(self._length, source_start, source_end, stride)
            self._texts.append(text)
            self._length += length

    @property
    def origins(self) -> Origins:
        """Where what has been put together so far is from."""
        return self._origins

    @property
    def last(self) -> str:
        """The last character so far."""
        return self._texts[-1][-1] if self._texts else ""

    def take_last(self) -> int:
        """Take back the last character; return where in the source it begins."""
        self._length -= 1
        text = self._texts.pop()
        if len(text) > 1:
            self._texts.append(text[:-1])
        origins = self._origins
        source_start = origins.of(self._length)[0]
        if origins.starts[-1] == self._length:
            for column in (origins.starts, origins.sources, origins.ends, origins.strides):
                column.pop()
        elif origins.strides[-1]:
            origins.ends[-1] = source_start
        return source_start

    def text(self) -> str:
        """Return the text so far."""
        return "".join(self._texts)

    def reading(self, view: View, text: str, source: Reading | None) -> Reading:
        """Return what has been put together; the text is as long as `text()`."""
        return Reading(view, text, self._origins, source)


def payload(text: str, start: int, end: int, source: Reading | None) -> Reading:
    """Return the reading of a text of its own that is written in a stretch of another."""
    origins = Origins()
    origins.add(0, start, end, 0)
    return Reading(View.DECODED, text, origins, source, in_place=False)
