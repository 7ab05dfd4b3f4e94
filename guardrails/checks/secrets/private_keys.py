r"""Private keys in PEM: several lines between BEGIN and END (RFC 7468), or one line with `\n` written out.

A key that was cut off is a key: END may be missing. Headers of the old form (RFC 1421: `Proc-Type:
4,ENCRYPTED`) and of OpenPGP (RFC 9580, section 6.2: `Version: ...`) may stand before the data.
"""

from collections.abc import Iterator

from guardrails.checks.patterns import compiled

NAME = "private_key"
TRIGGER = r"-----BEGIN(?: [0-9A-Z]+){0,4} PRIVATE KEY(?: BLOCK)?-----"
OPENER = "-----BEGIN"
"""Stands in every text of which `is_begun` is true."""

MAX_KEY_CHARS = 16_384
"""Longest key that is taken as one: 16 kbit of RSA are 12,700 characters. What follows behind it is other
text."""

_GAP = r"(?:\s|\\+[nrt])*"
_HEADER = r"[A-Z][A-Za-z-]{2,20}:[^\r\n\\]{0,120}"
_HEADERS = rf"(?:{_HEADER}(?:\r?\n|(?:\\+r)?\\+n))*"
_DATA = r"[0-9A-Za-z+/]{16,}={0,2}"
_LAST_DATA = r"[0-9A-Za-z+/=]{0,15}"
_ARMOR_CHECKSUM = r"(?:=[0-9A-Za-z+/]{4})?"
_START = compiled(TRIGGER)
_REST = rf"{_GAP}{_LAST_DATA}{_GAP}{_ARMOR_CHECKSUM}{_GAP}"
_END = r"-----END(?: [0-9A-Z]+){0,4} PRIVATE KEY(?: BLOCK)?-{0,5}"
_KEY = compiled(rf"{TRIGGER}{_GAP}{_HEADERS}(?:{_GAP}{_DATA})+(?:{_REST}{_END})?")
_BEGUN = compiled(
    r"-----BEGIN(?: [0-9A-Z]+){0,7} \z"
    rf"|{TRIGGER}{_GAP}{_HEADERS}{_HEADER}\z"
    rf"|{TRIGGER}{_GAP}{_HEADERS}(?:{_GAP}{_DATA})*{_REST}(?:-----END(?: [0-9A-Z]+){{0,7}} )?\z"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where private keys stand."""
    for found in _START.finditer(text):
        start = found.start()
        key = _KEY.match(text[start : start + MAX_KEY_CHARS])
        if key:
            yield start, start + key.end()


def is_begun(text: str) -> bool:
    """Return whether the text, which ends with a break, may end inside of a key."""
    tail = text[-MAX_KEY_CHARS + 1 :]
    return OPENER in tail and _BEGUN.search(tail) is not None
