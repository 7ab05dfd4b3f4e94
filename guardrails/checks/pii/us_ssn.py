"""US social security numbers: `123-45-6789`, `123 45 6789`, and nine bare digits that are called one.

There is no check digit; what is never given out is left out (ssa.gov/employer/randomization.html): area 000,
666 and 900 to 999, group 00, serial 0000, and the numbers that are known from advertisements.
"""

from collections.abc import Iterator

from stdnum.us import ssn

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import DASH, OPEN_DIGITS, SPACE, ends_a_word, glued, is_digit

_CALLED = r"(?i:\b(?:ssn|social[ ]security(?:[ ](?:number|no\.?))?))"
_CONNECTED = r"(?i:[ ]?[:=#]|[ ](?:is|was))?[ ]?[:#]?"
_GROUPS = rf"\d{{3}}(?:-\d{{2}}-|[{SPACE}]\d{{2}}[{SPACE}])\d{{4}}"
_CANDIDATE = compiled(rf"(?:^|[^0-9A-Za-z_.{DASH}])({_GROUPS})|{_CALLED}{_CONNECTED}[ ]?(\d{{9}})")


class UsSsn:
    """Finds US social security numbers."""

    name = "us_ssn"
    score = 0.9
    triggers = (_GROUPS, rf"{_CALLED}{_CONNECTED}[ ]?\d{{9}}")
    open_tail = rf"{OPEN_DIGITS}|(?i:\bsocial(?:[ ]security)?)[ ]|{_CALLED}{_CONNECTED}[ ]"
    words: tuple[str, ...] = ()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where social security numbers stand."""
        for found in _CANDIDATE.finditer(text):
            start, end = found.span(1 if found.start(1) >= 0 else 2)
            digits = "".join(character for character in text[start:end] if character.isdecimal())
            if not glued(text, end) and not _in_row(text, start, end) and ssn.is_valid(digits):
                yield start, end


def _in_row(text: str, start: int, end: int) -> bool:
    """Return whether the same separator joins a number in groups to more digits."""
    separator = text[start + 3]
    if is_digit(separator):
        return False
    before = (
        start > 1
        and text[start - 1] == separator
        and is_digit(text[start - 2])
        and not (separator.isspace() and ends_a_word(text, start - 1))
    )
    return before or (text[end : end + 1] == separator and is_digit(text[end + 1 : end + 2]))
