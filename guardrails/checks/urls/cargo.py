"""Whether a URL carries data away: what a model was talked into writing behind the host of somebody else.

An image named `https://evil.example/?q=` plus what stood in the conversation gives that away as soon as the
answer is shown. A URL that merely has a query does not: sizes of pictures, campaign codes and signatures do
not read as words, encoded or not. That is what is looked for.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_plus

from guardrails.checks.urls.address import Address

_MAX_WORDS = 3
"""More words than these in one value of an image's query are a sentence."""
_MIN_ENCODED_CHARS = 16
_MIN_DECODED_CHARS = 12
_PRINTABLE_SHARE = 0.95
"""Of the characters of a decoded value. Random bytes have a share of 0.37; a signature of 12 bytes passes
once in 10^5."""
_SPLIT = re.compile(r"[&;]")
_CODED = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE32 = re.compile(r"[A-Za-z2-7]+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def carries_data(at: Address, *, loads: bool, max_value_chars: int) -> bool:
    """Return whether this URL takes words with it.

    Args:
        at: of the URL.
        loads: whether it is fetched without a click; then words in clear and long values count too.
        max_value_chars: how long a value in the query of what loads may be.
    """
    for value in _values(at):
        if loads and (len(value) > max_value_chars or len(_WORD.findall(value[:1_000])) > _MAX_WORDS):
            return True
        if _is_encoded_text(value):
            return True
    return any(_is_encoded_text(piece) for piece in at.path.split("/")) or any(
        _is_encoded_text(label) for label in at.host.split(".")
    )


def _values(at: Address) -> Iterator[str]:
    for pair in (*_SPLIT.split(at.query), *_SPLIT.split(at.fragment)):
        name, separator, value = pair.partition("=")
        yield unquote_plus(value if separator and value else name)


def _is_encoded_text(value: str) -> bool:
    if len(value) < _MIN_ENCODED_CHARS or not _CODED.fullmatch(value):
        return False
    return any(_is_text(decoded) for decoded in _decodings(value))


def _decodings(value: str) -> Iterator[bytes]:
    if _HEX.fullmatch(value):
        yield bytes.fromhex(value)
        return
    bare = value.rstrip("=")
    with suppress(binascii.Error):  # a length that this encoding does not have
        yield base64.b64decode(bare.translate(_STANDARD) + "=" * (-len(bare) % 4))
    if _BASE32.fullmatch(bare):
        with suppress(binascii.Error):
            yield base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))


_STANDARD = str.maketrans("-_", "+/")


def _is_text(decoded: bytes) -> bool:
    if len(decoded) < _MIN_DECODED_CHARS:
        return False
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        return False
    printable = sum(map(str.isprintable, text)) + text.count("\n")
    return printable >= _PRINTABLE_SHARE * len(text)
