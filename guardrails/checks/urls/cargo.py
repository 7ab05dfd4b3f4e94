"""Whether a URL carries data away: what a model was talked into writing behind the host of somebody else.

An image named `https://evil.example/?q=` plus what stood in the conversation gives that away as soon as the
answer is shown. A URL that merely has a query does not: sizes of pictures, campaign codes and signatures do
not read as words, encoded or not. That is what is looked for, and in what loads unasked an e-mail address, a
card or an account too: nobody's picture is chosen by these.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_plus

from guardrails.checks.pii.card import Card
from guardrails.checks.pii.email import Email
from guardrails.checks.pii.iban import Iban
from guardrails.checks.urls.address import Address

_MAX_WORDS = 3
"""More words than these in one value of an image's query are a sentence. Words have spaces between them:
`style=for-the-badge` is a name."""
_MIN_ENCODED_CHARS = 27
_MIN_DECODED_CHARS = 20
"""As long as a key. Shorter ones are mostly names of things: GitHub's are base64 of `Package-50974721`."""
_PRINTABLE_SHARE = 0.95
"""Of the characters of a decoded value. Random bytes have a share of 0.37, and few of them are UTF-8."""
_PERSONAL = (Email(), Card(), Iban())
_SPLIT = re.compile(r"[&;]")
_CODED = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE32 = re.compile(r"[A-Za-z2-7]+")
_MAX_URL_CHARS = 300
"""Of an address within a query that may be as long as it is (badges and picture proxies have one)."""


def carries_data(at: Address, *, loads: bool, max_value_chars: int) -> bool:
    """Return whether this URL takes words with it.

    Args:
        at: of the URL.
        loads: whether it is fetched without a click; then words in clear and long values count too.
        max_value_chars: how long a value in the query of what loads may be.
    """
    queried = _values(at.query)
    if loads and any(_is_clear_text(value, max_value_chars) for value in queried if not _is_url(value)):
        return True
    if loads and any(map(_is_personal, (*queried, *_values(at.fragment)))):
        return True
    hidden = (*queried, *_values(at.fragment), *at.path.split("/"), *at.host.split("."))
    return any(_is_encoded_text(value) for value in hidden)


def _values(query: str) -> list[str]:
    pairs = (pair.partition("=") for pair in _SPLIT.split(query)) if query else ()
    return [unquote_plus(value if separator and value else name) for name, separator, value in pairs]


def _is_clear_text(value: str, max_chars: int) -> bool:
    return len(value) > max_chars or len(value.split()) > _MAX_WORDS


def _is_personal(value: str) -> bool:
    return any(next(kind.spans(value), None) is not None for kind in _PERSONAL)


def _is_url(value: str) -> bool:
    """Return whether this is the address of what a proxy is to fetch, without a query of its own."""
    return value.startswith(("https://", "http://")) and "?" not in value and len(value) <= _MAX_URL_CHARS


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
    return printable >= _PRINTABLE_SHARE * len(text) and not _is_url(text)
