"""JSON's escapes (RFC 8259 section 7) in texts that need not be JSON."""

import re

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_LEVELS = 5
"""One more than `app/domain/json_text.py` takes apart."""
_WRITING = re.compile(r'[\s"\\]+')
"""What may differ between two ways to write a JSON value, once its escapes are decoded."""
_MARK = re.compile(r"_[B-DF-HJ-NP-TV-XZ]{6}(?:_[0-9]+)?\]")
"""What tells the pseudonyms of two spellings apart (`guardrails/pseudonym.py`): one of them is escaped."""


def unescaped(text: str) -> str:
    """Return a text with its escapes decoded wherever they stand; anything else is left as it is."""
    pieces = text.split("\\")
    out = [pieces[0]]
    escaped_backslash = False
    for piece in pieces[1:]:
        if escaped_backslash:
            escaped_backslash = False
            out.append(piece)
        elif not piece:
            escaped_backslash = True
            out.append("\\")
        elif piece[0] == "u":
            out.append(_code_point(piece))
        else:
            out.append(_ESCAPES.get(piece[0], piece[0]) + piece[1:])
    return "".join(out)


def says_the_same(text: str, other: str) -> bool:
    """Whether two texts of a JSON value, with JSON in its strings, differ only in how they are written."""
    for _ in range(_LEVELS):
        text, other = unescaped(text), unescaped(other)
    return _plain(text) == _plain(other)


def _plain(text: str) -> str:
    return _MARK.sub("]", _WRITING.sub("", text))


def _code_point(piece: str) -> str:
    try:
        return chr(int(piece[1:5], 16)) + piece[5:]
    except ValueError:
        return piece
