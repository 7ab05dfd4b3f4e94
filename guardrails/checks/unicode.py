r"""The `unicode` check: characters that show nothing, turn text around, or pass for others.

Most of them have honest uses, which are left alone: joiners in Persian, Arabic and Indic words and in emoji,
selectors behind a symbol, soft hyphens between syllables, marks beside Arabic and Hebrew, a pair of isolates
around words, tags in the flags of regions, a byte order mark at the start. What is honest is decided by the
word a character stands in, so that a stream need not be held for it; only an isolate is waited for, to the
end of its line, whether it is closed.

That something is *written* in such characters is found by `encoded`, and what it says by every check that
reads more than the text as it stands.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import msgspec

from guardrails.check import Match, Run, is_break
from guardrails.checks.patterns import compiled
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS
from guardrails.views.characters import INVISIBLE, python_class, re2_class
from guardrails.views.folded import LATIN, MIXED, WORD
from guardrails.views.lookalikes import OF_OTHER_SCRIPTS
from guardrails.views.smuggled import is_flag

UnicodeRule = Literal["invisible", "bidi", "smuggled", "homoglyph", "control"]

_DEFAULT: tuple[UnicodeRule, ...] = ("invisible", "bidi", "smuggled", "homoglyph")
"""All but `control`: what tools print is full of them (colours of a terminal)."""

_OPENING = {
    "\u2066": "\u2069",
    "\u2067": "\u2069",
    "\u2068": "\u2069",
    "\u202a": "\u202c",
    "\u202b": "\u202c",
}
"""Isolates and embeddings, and what closes them (UAX 9)."""
_OVERRIDES = "\u202d\u202e"
_CLOSING = "\u2069\u202c"
_DIRECTION_MARKS = "\u200e\u200f\u061c"
_BIDI = frozenset((*_OPENING, *_OVERRIDES, *_CLOSING, *_DIRECTION_MARKS))

_BYTE_ORDER_MARK = "\ufeff"
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0")
"""Of Hangul, Khmer and Mongolian."""

_CONTROLS = frozenset(map(chr, (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0))))
_LINE_END = re.compile(r"[\n\r\x85\u2029]")
_EMBEDDING = re.compile(f"[{''.join((*_OPENING, *_OVERRIDES, *_CLOSING))}]")
_JOINING = "\u0590-\u109f\u1780-\u1cff\ua800-\uabff\U00010a00-\U00011fff"
"""Inside of a class: scripts whose letters join or change by what stands between them."""
_PICTOGRAPHS = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_SUSPECTS = re.compile(
    f"[{python_class(INVISIBLE)}](?<![{_JOINING}][\u200c\u200d])"
    f"(?<![{_PICTOGRAPHS}]\u200d(?=[{_PICTOGRAPHS}]))(?<![\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f(?![\ufe00-\ufe0f]))"
)
"""What shows nothing, but for the most frequent honest ones, in Persian and in emoji."""
_JOINS = re.compile(f"[{_JOINING}]")

_TRIGGERS = {
    "invisible": f"[{re2_class(INVISIBLE - {ord(one) for one in _BIDI | _CONTROLS})}]",
    "bidi": f"[{re2_class(map(ord, _BIDI))}]",
    "smuggled": r"[\x{e0000}-\x{e01ef}\x{fe00}-\x{fe0f}]",
    "homoglyph": MIXED,
    "control": f"[{re2_class(map(ord, _CONTROLS))}]",
}

_STRONG = frozenset(OF_OTHER_SCRIPTS) - frozenset("αβεηκςστχωγόίϊάέύήвгзкмнптьЬё")
"""Look-alikes that nobody writes beside Latin letters for what they are (IFN-gamma, NF-kappa-B)."""
_MIN_LETTERS = 4
_JOINTS = "@._"
_ENDING = re.compile(r"[A-Za-z0-9_.-]+[\u0400-\u04ff]{1,3}\Z")
"""A Latin name with the ending of a Russian word."""


class UnicodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked for."""

    rules: tuple[UnicodeRule, ...] = _DEFAULT
    """`invisible` characters; `bidi`: what reverses text; `smuggled`: tags and runs of selectors, in which
    text can be hidden; `homoglyph`: words that are Latin but for look-alikes; `control` characters."""


class UnicodeCheck:
    """Finds characters that are there to deceive; a redaction takes out what shows nothing."""

    kind = "unicode"
    redactable = True
    views = AS_IT_STANDS

    def __init__(self, config: UnicodeConfig) -> None:
        self._rules = frozenset(config.rules)
        self.triggers = tuple(_TRIGGERS[rule] for rule in get_args(UnicodeRule) if rule in self._rules)
        self.openers = (_EMBEDDING.pattern,) if "bidi" in self._rules else ()
        self._suspicious = compiled("|".join(self.triggers))

    def find(self, run: Run) -> Sequence[Match]:
        """Return what no honest text has; what shows nothing is replaced by nothing."""
        text = run.text
        if not self._suspicious.holds(text):
            return []
        matches = [
            Match(rule, start, end, replacement="")
            for rule, start, end in _neighbours(text, _unseen(text, run.start))
            if rule in self._rules
        ]
        if "homoglyph" in self._rules:
            matches += [Match("homoglyph", start, end) for start, end in _mixed_words(text)]
        return sorted(matches, key=lambda match: (match.start, match.end))

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether an isolate or embedding may be closed yet."""
        if "bidi" not in self._rules or text.isascii():
            return False
        last = None
        for found in _EMBEDDING.finditer(text):
            last = found
        return last is not None and last.group() in _OPENING and not _LINE_END.search(text, last.end())


def build(config: object, path: str) -> UnicodeCheck:
    """Build the check from its configuration."""
    decoded = decode(UnicodeConfig, config, path)
    if not decoded.rules:
        raise ConfigError(f"{path}.rules", "give at least one rule")
    return UnicodeCheck(decoded)


def _unseen(text: str, run_start: int) -> Iterator[tuple[str, int]]:
    """Yield each character that shows nothing and has no business where it stands, with its rule."""
    paired = _paired(text)
    for found in _SUSPECTS.finditer(text):
        at, character = found.start(), found.group()
        before, behind = _before(text, at), "" if is_break(character) else text[at + 1 : at + 2]
        rule = _rule(character, before, behind)
        if rule == "bidi":
            honest = at in paired or (character in _DIRECTION_MARKS and _turns(before, behind))
        elif rule == "smuggled":
            honest = is_flag(text, at)
        else:
            honest = rule == "invisible" and _is_honest(text, at, before, behind)
        if not honest and (at or run_start or character != _BYTE_ORDER_MARK):
            yield rule, at


def _rule(character: str, before: str, behind: str) -> UnicodeRule:
    if character in _BIDI:
        return "bidi"
    if character in _CONTROLS:
        return "control"
    is_one_of_many = _is_selector(character) and (_is_selector(before) or _is_selector(behind))
    return "smuggled" if is_one_of_many or _is_tag(character) else "invisible"


def _before(text: str, at: int) -> str:
    """Return the character before a place, "" for a break, which is as good as the start of the text."""
    return text[at - 1] if at and not is_break(text[at - 1]) else ""


def _neighbours(text: str, unseen: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield neighbouring characters of one rule as one stretch; none goes on behind a break."""
    rule, start, end = "", 0, 0
    for next_rule, at in unseen:
        if next_rule != rule or at != end or is_break(text[at - 1]):
            if rule:
                yield rule, start, end
            rule, start = next_rule, at
        end = at + 1
    if rule:
        yield rule, start, end


def _paired(text: str) -> frozenset[int]:
    """Return where isolates and embeddings stand around words and are closed within their line."""
    if text.isascii():
        return frozenset()
    places: list[int] = []
    opened = None
    for found in _EMBEDDING.finditer(text):
        if (
            opened is not None
            and found.group() == _OPENING[opened.group()]
            and found.start() > opened.end()
            and not _before(text, opened.start()).isalnum()
            and not text[found.end() : found.end() + 1].isalnum()
            and not _LINE_END.search(text, opened.end(), found.start())
        ):
            places += (opened.start(), found.start())
        opened = found if found.group() in _OPENING else None
    return frozenset(places)


def _turns(before: str, behind: str) -> bool:
    """Return whether a direction mark stands beside a letter it is for, or beside none: not in a word."""
    return not (_is_left_to_right(before) and _is_left_to_right(behind))


def _is_left_to_right(character: str) -> bool:
    return character.isalnum() and not 0x590 <= ord(character) <= 0x8FF  # noqa: PLR2004 (Hebrew to Arabic)


def _is_honest(text: str, at: int, before: str, behind: str) -> bool:
    """Return whether what shows nothing does what it is for, between these two."""
    character = text[at]
    if _is_selector(character):  # of a symbol or an ideograph, of which there may be variants
        return not before.isalpha()
    if character == "\u034f":
        return _JOINS.match(before) is not None
    if character == "\u200b":
        return _is_unspaced(before) or _is_unspaced(behind)
    if character == "\u00ad":
        around = text[max(0, at - 2) : at], text[at + 1 : at + 3]
        return all(len(ends) > 1 and ends.isalpha() and not any(map(is_break, ends)) for ends in around)
    if character == "\u2800":
        return _is_braille(before) or _is_braille(behind)
    return character in _FILLERS and (
        _JOINS.match(before) is not None or _is_jamo(before) or _is_jamo(behind)
    )


def _is_unspaced(character: str) -> bool:
    """Return whether this script writes no spaces: a zero-width one says where a line may end."""
    return bool(character) and (
        "\u0e00" <= character <= "\u109f"
        or "\u1780" <= character <= "\u17ff"
        or (is_break(character) and not character.isspace())
    )


def _is_braille(character: str) -> bool:
    return "\u2801" <= character <= "\u28ff"


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff" or "\u3131" <= character <= "\u318e"


def _is_tag(character: str) -> bool:
    return "\U000e0000" <= character <= "\U000e007f"


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _mixed_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the words that are Latin but for look-alikes."""
    for found in WORD.finditer(text):
        word = found.group().rstrip(_JOINTS)
        if word.isascii() or LATIN.search(word) is None:
            continue
        foreign = [letter for letter in word if letter.isalpha() and not _is_latin(letter)]
        letters = sum(map(str.isalpha, word))
        if (
            foreign
            and len(foreign) < letters
            and letters >= _MIN_LETTERS
            and _STRONG.issuperset(foreign)
            and not _ENDING.match(word)
        ):
            yield found.start(), found.start() + len(word)


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff"
