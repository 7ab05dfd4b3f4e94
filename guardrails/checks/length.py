"""The `length` check: texts that are too long or too short."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Run
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS

Characters = Annotated[int, msgspec.Meta(ge=1)]


class LengthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a part may be, in code points. At least one bound is given."""

    max_chars: Characters | None = None
    min_chars: Characters | None = None


class LengthCheck:
    """Finds the place where a part becomes too long, or ends too soon.

    The place of `too_long` is the first character over the bound, and it is found once: in the run that
    crosses it. A text shorter than the minimum is held until it is long enough, for only its end tells that
    it is too short.
    """

    kind = "length"
    triggers: tuple[str, ...] = ()
    redactable = False
    views = AS_IT_STANDS

    def __init__(self, config: LengthConfig) -> None:
        self._max = config.max_chars
        self._min = config.min_chars or 0

    def find(self, run: Run) -> Sequence[Match]:
        """Return at most one match of each rule."""
        end = run.start + len(run.text)
        matches = []
        if self._max is not None and run.start <= self._max < end:
            place = self._max - run.start
            matches.append(Match("too_long", place, place))
        if run.last and end < self._min:
            matches.append(Match("too_short", len(run.text), len(run.text)))
        return matches

    def is_open(self, text: str, start: int) -> bool:
        """Return whether the part is still too short."""
        return start + len(text) < self._min


def build(config: object, path: str) -> LengthCheck:
    """Build the check from its configuration."""
    decoded = decode(LengthConfig, config, path)
    if decoded.max_chars is None and decoded.min_chars is None:
        raise ConfigError(path, "give max_chars, min_chars or both")
    if (
        decoded.max_chars is not None
        and decoded.min_chars is not None
        and decoded.min_chars > decoded.max_chars
    ):
        raise ConfigError(f"{path}.min_chars", "is greater than max_chars")
    return LengthCheck(decoded)
