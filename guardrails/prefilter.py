"""The prefilter: one pass over a text that says which checks need to look at it at all.

There are two: of what is asked what it finds (`Check.triggers`, in `guardrails/reader.py`), and of what is
asked whether it is open (`OpensRarely.openers`, in `guardrails/window.py`).

All triggers of all checks are one `re2.Set`, a single automaton that costs about 2 ns a character however
many patterns are in it, so a text in which nothing stands is dismissed once instead of pattern by pattern.

`RE2::Set::Match` says "no match" when its automaton runs out of memory. So the set holds one pattern more,
which matches every text: an answer without it is no answer, and all checks are asked.
"""

from collections.abc import Sequence

import re2

_ALWAYS = r"\A"
"""Matches every text, at its start only: free of cost, where a pattern that matches everywhere doubles it."""

_MAX_MEMORY_BYTES = 32 << 20
"""What the automaton may grow to. RE2's own 8 MiB is too small for a few hundred patterns with counters."""


_NONE = -1
_MARK = -2
"""In the place of a check: the pattern belongs to none."""


class Prefilter:
    """Which of these checks may find something.

    Args:
        triggers: of each check; None: it is always due. Without any it never is.
        marks: RE2 patterns of whoever asks, looked for in the same pass.

    Raises:
        re2.error: a trigger is no RE2 pattern, or all together are too large.
    """

    __slots__ = ("_all", "_check_of", "_set", "always", "count")

    def __init__(self, triggers: Sequence[Sequence[str] | None], marks: Sequence[str] = ()) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY_BYTES
        self.count = len(triggers)
        """How many checks there are."""
        self._all = tuple(range(len(triggers)))
        self.always = tuple(i for i, patterns in enumerate(triggers) if patterns is None)
        """Places of those that are always due; this very tuple is the answer where nobody else is."""
        self._check_of = [_NONE]
        self._set = None
        asked = [(mark, _MARK) for mark in marks]
        asked += [(trigger, i) for i, patterns in enumerate(triggers) for trigger in patterns or ()]
        if asked:
            self._set = re2.Set.SearchSet(options)
            self._set.Add(_ALWAYS)
            for trigger, i in asked:
                self._set.Add(trigger)
                self._check_of.append(i)
            self._set.Compile()

    def due(self, text: str) -> tuple[int, ...]:
        """Return the places of the checks to be asked about a scannable text, in order."""
        return self.look(text)[0]

    def look(self, text: str) -> tuple[tuple[int, ...], bool]:
        """Return the places of the checks to be asked, in order, and whether a mark may stand in the text."""
        if self._set is None:
            return self.always, False
        hits = self._set.Match(text)
        if not hits:
            return self._all, True
        if len(hits) == 1:
            return self.always, False
        due = {self._check_of[hit] for hit in hits}
        marked = _MARK in due
        due -= {_NONE, _MARK}
        if not due:
            return self.always, marked
        due.update(self.always)
        return tuple(sorted(due)), marked
