"""What is planted in exchanges, and the search for it: values that belong to nobody, in every spelling.

Each place gets an e-mail address of its own, so that what is found says where it was planted, and beside it
a harmless word. Where that word is found, the search has come to what was planted there.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha512
from urllib.parse import quote

from app.demo.example import KEY

_DOMAIN = "canaries.example.com"
_PEM_LINES = tuple(
    base64.b64encode(sha512(f"line {number}".encode()).digest()[:48]).decode() for number in range(3)
)
PEM = "\n".join(("-----BEGIN PRIVATE KEY-----", *_PEM_LINES, "-----END PRIVATE KEY-----"))
"""No key, but nobody can see that."""
VALUES = {
    "github token": KEY,
    "aws key": "AKIA" + "Q7RT2MZKV5XN" + "PB4D",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "phone": "+49 30 901820",
}
"""By what they are; the same at all places."""
PROVIDER_KEY = "sk-canary-of-the-provider-5e1d"
CALLER_KEY = "hr-canary-of-the-caller-0c77"
ADMIN_KEY = "hr-canary-of-the-administrator-91b4"
BROUGHT_KEY = "sk-canary-that-a-caller-brings-3a9e"
CREDENTIALS = {
    "provider's key": PROVIDER_KEY,
    "caller's key": CALLER_KEY,
    "administrator's key": ADMIN_KEY,
    "key a caller brings": BROUGHT_KEY,
}
"""Those that are used: they have no place in what is kept or told, whatever is recorded."""


def email(place: str) -> str:
    """Return the address that is planted at a place and nowhere else."""
    return f"{place}@{_DOMAIN}"


def harmless(place: str) -> str:
    """Return the word that is planted there beside all that must not be kept, and may be."""
    return f"here-{place}"


def line(place: str) -> str:
    """Return all that is planted at a place that takes no line breaks."""
    return f"{harmless(place)} {email(place)}; " + "; ".join(VALUES.values())


def text(place: str) -> str:
    """Return all that is planted at a place that takes any text."""
    return f"{line(place)};\n{PEM}\n"


def leaks(where: bytes) -> list[str]:
    """Return what of all the values is there, in any spelling; addresses with their places."""
    found = {name for name, needles in _NEEDLES.items() if any(needle in where for needle in needles)}
    return sorted(found | {f"email of {place.decode()}" for place in _ADDRESS.findall(where)})


def leaked_credentials(where: bytes) -> list[str]:
    """Return which of the keys that are used are there."""
    return [name for name in leaks(where) if name in CREDENTIALS]


def is_at(place: str, where: bytes) -> bool:
    """Return whether what is harmless at a place is there."""
    return re.search(rb"(?<![a-z-])%b(?![a-z-])" % harmless(place).encode(), where) is not None


def spellings(value: str) -> Iterator[bytes]:
    """Yield what a value looks like: as it is, in JSON, in a URL, in base64 however it is aligned."""
    yield value.encode()
    yield json.dumps(value)[1:-1].encode()
    yield value.replace("@", "\\u0040").encode()
    yield value.replace(" ", "").encode()
    yield quote(value, safe="").encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + value.encode())
        yield coded[4 if shift else 0 : -4]  # the rest of it hangs together with what stands beside


def _needles(values: Mapping[str, str]) -> Iterator[tuple[str, frozenset[bytes]]]:
    for name, value in values.items():
        yield name, frozenset(spellings(value))


def _pem(lines: Iterable[str]) -> frozenset[bytes]:
    return frozenset(spelling for line in lines for spelling in spellings(line))


_NEEDLES = {
    **dict(_needles(VALUES)),
    **dict(_needles(CREDENTIALS)),
    "email": frozenset(spellings(f"@{_DOMAIN}")) - {f"@{_DOMAIN}".encode()},
    "private key": _pem(_PEM_LINES),
}
_ADDRESS = re.compile(rb"([\w-]+)@" + re.escape(_DOMAIN.encode()))
