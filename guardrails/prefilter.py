"""The prefilter: one pass over a text that says which checks need to look at it at all.

All triggers of all checks are one `re2.Set`, a single automaton that costs about 2 ns a character however
many patterns are in it, so a text in which nothing stands is dismissed once instead of pattern by pattern.

`RE2::Set::Match` says "no match" when its automaton runs out of memory. So the set holds one pattern more,
which matches every text: an answer without it is no answer, and all checks are asked.
"""

from collections.abc import Sequence

import re2

from guardrails.check import Check

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
        checks: whose triggers are asked.
        marks: RE2 patterns of whoever asks, looked for in the same pass.

    Raises:
        re2.error: a trigger is no RE2 pattern, or all together are too large.
    """

    __slots__ = ("_all", "_check_of", "_set", "_untriggered")

    def __init__(self, checks: Sequence[Check], marks: Sequence[str] = ()) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY_BYTES
        self._all = tuple(range(len(checks)))
        self._untriggered = tuple(i for i, check in enumerate(checks) if not check.triggers)
        self._check_of = [_NONE]
        self._set = None
        triggers = [(mark, _MARK) for mark in marks]
        triggers += [(trigger, i) for i, check in enumerate(checks) for trigger in check.triggers]
        if triggers:
            self._set = re2.Set.SearchSet(options)
            self._set.Add(_ALWAYS)
            for trigger, i in triggers:
                self._set.Add(trigger)
                self._check_of.append(i)
            self._set.Compile()

    def due(self, text: str) -> tuple[int, ...]:
        """Return the places of the checks to be asked about a scannable text, in order."""
        return self.look(text)[0]

    def look(self, text: str) -> tuple[tuple[int, ...], bool]:
        """Return the places of the checks to be asked, in order, and whether a mark may stand in the text."""
        if self._set is None:
            return self._untriggered, False
        hits = self._set.Match(text)
        if not hits:
            return self._all, True
        if len(hits) == 1:
            return self._untriggered, False
        due = {self._check_of[hit] for hit in hits}
        marked = _MARK in due
        due -= {_NONE, _MARK}
        due.update(self._untriggered)
        return tuple(sorted(due)), marked
