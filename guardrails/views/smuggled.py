"""Smuggled texts: written in characters that show nothing, but which a model reads.

Tag characters are a copy of ASCII at U+E0000; variation selectors can carry any byte (1 to 16 at U+FE00, 17
to 256 at U+E0100), usually behind an emoji. Neither has a break in it. Flags of countries in a country are
tags too, spelt behind a black flag and ended; they are left alone.
"""

import re
from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.views.payloads import Payload

_FLAG = "\U0001f3f4"
_SMUGGLED = re.compile(
    r"(?P<tags>[\U000e0020-\U000e007f]{4,})"
    r"|(?P<variation_selectors>[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,})"
)
TELLING = r"[\x{e0020}-\x{e007f}]{4}|[\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]{4}"
"""In RE2: stands in every text that has a smuggled one."""

_TELLING = compiled(TELLING)
_FLAG_TAGS = re.compile(
    r"[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f(?![\U000e0000-\U000e007f])"
)
"""Letters and digits of a region (ISO 3166-2), and the end: UTS 51, emoji tag sequences."""

_MAX_FLAG = 8
"""Characters of the longest flag: the black one, six tags and the end."""

_CANCEL = "\U000e007f"
_FIRST_TAG = 0xE0000
_FIRST_OF_MANY = 0xE0100
_FIRST_SELECTOR = 0xFE00
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def smuggled(text: str) -> Iterator[Payload]:
    """Yield what is written in invisible characters, from the left."""
    for found in _SMUGGLED.finditer(text) if _TELLING.holds(text) else ():
        start, end = found.span()
        read = _of_tags(text, start, end) if found.lastgroup == "tags" else _of_selectors(found.group())
        if read:
            yield Payload(str(found.lastgroup), read, start, end)


def is_flag(text: str, place: int) -> bool:
    """Return whether the tag character at this place is part of the flag of a region."""
    flag = text.rfind(_FLAG, max(0, place - _MAX_FLAG), place)
    if flag < 0:
        return False
    found = _FLAG_TAGS.match(text, flag + 1)
    return found is not None and place < found.end()


def _of_tags(text: str, start: int, end: int) -> str:
    written = text[start:end]
    if is_flag(text, start):
        return ""
    return "".join(chr(ord(tag) - _FIRST_TAG) for tag in written if tag != _CANCEL)


def _of_selectors(written: str) -> str:
    octets = bytes(
        ord(selector) - _FIRST_OF_MANY + 16 if selector >= "\U000e0100" else ord(selector) - _FIRST_SELECTOR
        for selector in written
    )
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return ""
    return "" if _UNSEEN.search(text) else text
