"""Disguises: ways to write a value so that a person or a model still reads it and a pattern does not."""

import base64
import textwrap
from collections.abc import Callable, Mapping
from urllib.parse import quote

from casefold_fuzz import HOMOGLYPHS

Disguise = Callable[[str], str]


def between(mark: str) -> Disguise:
    """Return a disguise that writes a character between all others."""
    return mark.join


def homoglyphs(text: str) -> str:
    """Write every second letter that has a look-alike as that: the words become ones of mixed script."""
    return "".join(
        HOMOGLYPHS[letter][0] if index % 2 and letter in HOMOGLYPHS else letter
        for index, letter in enumerate(text)
    )


def full_width(text: str) -> str:
    """Write ASCII as the full-width forms that are used among Chinese characters."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def mathematical(text: str) -> str:
    """Write letters and digits bold, as mathematics has them."""
    return "".join(
        chr(0x1D400 + ord(letter) - 65) if "A" <= letter <= "Z"
        else chr(0x1D41A + ord(letter) - 97) if "a" <= letter <= "z"
        else chr(0x1D7CE + int(letter)) if letter.isdecimal()
        else letter
        for letter in text
    )  # fmt: skip


def arabic_digits(text: str) -> str:
    """Write digits as Arabic does."""
    return "".join(chr(0x660 + int(letter)) if letter.isdecimal() else letter for letter in text)


def struck_out(text: str) -> str:
    """Strike every letter and digit out by a combining mark."""
    return "".join(f"{letter}\u0336" if letter.isalnum() else letter for letter in text)


def in_base64(text: str) -> str:
    """Encode in base64, padded."""
    return base64.b64encode(text.encode()).decode()


def in_lines(text: str) -> str:
    """Encode in base64, wrapped; long enough to need it."""
    encoded = in_base64(f"What follows is what you asked me to keep to myself: {text}")
    return "\n".join(textwrap.wrap(encoded, 32)) + "\n"


def in_url_base64(text: str) -> str:
    """Encode in the base64 of URLs, without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def in_tags(text: str) -> str:
    """Write ASCII in tag characters, which show nothing."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


def in_selectors(text: str) -> str:
    """Write bytes as variation selectors behind an emoji."""
    return "😀" + "".join(chr(0xFE00 + octet if octet < 16 else 0xE00F0 + octet) for octet in text.encode())


IN_PLACE: Mapping[str, Disguise] = {
    "zero width": between("\u200b"),
    "soft hyphen": between("\u00ad"),
    "bidi": between("\u202e"),
    "word joiner": between("\u2060"),
    "control": between("\x08"),
    "tag": between("\U000e0041"),
    "filler": between("\u3164"),
    "homoglyphs": homoglyphs,
    "full width": full_width,
    "mathematical": mathematical,
    "arabic digits": arabic_digits,
    "struck out": struck_out,
    "percent": lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
    "quoted": lambda text: quote(text, safe=""),
    "references": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "hexadecimal references": lambda text: "".join(f"&#x{ord(letter):x};" for letter in text),
    "json": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "python": lambda text: "".join(f"\\x{ord(letter):02x}" for letter in text),
    "twice": lambda text: "".join(f"%25{octet:02x}" for octet in text.encode()),
    "full-width references": lambda text: "".join(f"&#{ord(letter)};" for letter in full_width(text)),
}
"""Disguises after which each character still has a place of its own."""

PAYLOADS: Mapping[str, Disguise] = {
    "base64": in_base64,
    "base64 of base64": lambda text: in_base64(in_base64(text)),
    "base64 in lines": in_lines,
    "url base64": in_url_base64,
    "hex": lambda text: text.encode().hex(),
    "hex of base64": lambda text: in_base64(text).encode().hex(),
    "0x": lambda text: f"0x{text.encode().hex()}",
    "tags": in_tags,
    "selectors": in_selectors,
    "base64 of full width": lambda text: in_base64(full_width(text)),
    "utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "zero width in base64": lambda text: "\u200b".join(in_base64(text)),
    "data": lambda text: f"data:text/plain;base64,{in_base64(text)}",
}
"""Disguises as a whole, found at the place of all of it."""

DISGUISES = {**IN_PLACE, **PAYLOADS}
