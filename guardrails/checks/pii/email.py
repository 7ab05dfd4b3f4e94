"""E-mail addresses.

The form is RFC 5321's dot-string without what nobody uses, a top-level domain of letters, and the lengths of
RFC 5321 section 4.5.3.1 (64 for the local part) and RFC 1035 section 2.3.4 (63 for a label, 253 for a name).
Letters of all scripts that put spaces between words are taken (RFC 6531): in running Chinese text an address
has no visible start. Of a quoted local part the last word is taken: who waits for a quote to be closed holds
back all that stands in quotes. A full stop may be an ideographic one, as browsers take it (UTS #46).
"""

import re
from collections.abc import Iterator

from guardrails.checks.patterns import compiled

_OTHER = r"\p{Cyrillic}\p{Greek}\p{Armenian}\p{Georgian}\p{Hebrew}\p{Arabic}\p{Devanagari}\p{Bengali}"
_LETTER = rf"A-Za-z0-9\x{{c0}}-\x{{24f}}{_OTHER}"
_LOCAL = rf"(?:[{_LETTER}_][{_LETTER}._%+'-]*|\"?[{_LETTER}!#$%&'*+/=?^_`{{|}}~.-]+\")"
_FULL_STOP = r"\x{3002}\x{ff61}"
_WIDE_DOMAIN = rf"[{_LETTER}-]{{1,60}}[{_FULL_STOP}]"
_DOMAIN = rf"(?:[{_LETTER}-]+\.)+(?:[A-Za-z]{{2,24}}|[{_OTHER}]{{2,24}})"
_SOURCE = rf"{_LOCAL}@(?:{_DOMAIN}|{_WIDE_DOMAIN}(?:[a-z]{{2,24}}|[A-Z]{{2,24}}))"
_ADDRESS = compiled(_SOURCE)
_IMAGE = compiled(r".*@[1-9](?:\.\d)?x\.[a-z]{3,4}")
"""A picture for dense screens: `icon@2x.png` (Apple's Human Interface Guidelines)."""

_STOP = re.compile("[.\u3002\uff61]")
_MAX_LOCAL_CHARS = 64
_MAX_LABEL_CHARS = 63
_MAX_DOMAIN_CHARS = 253


class Email:
    """Finds e-mail addresses."""

    name = "email"
    score = 1.0
    triggers = (rf"[{_LETTER}._%+'\"-]@[{_LETTER}-]+[.{_FULL_STOP}]",)
    open_tail = rf"[{_LETTER}._%+'\"-]@{_WIDE_DOMAIN}"
    words: tuple[str, ...] = ()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where addresses stand."""
        for found in _ADDRESS.finditer(text):
            start, end = found.span()
            if _is_address(text[start:end]) and not _is_git_remote(text, start, end):
                yield start, end


def _is_address(address: str) -> bool:
    if _IMAGE.fullmatch(address):
        return False
    local, _, domain = address.rpartition("@")
    labels = _STOP.split(domain)
    return (
        len(local) <= _MAX_LOCAL_CHARS
        and len(domain) <= _MAX_DOMAIN_CHARS
        and all(0 < len(label) <= _MAX_LABEL_CHARS and label[0] != "-" != label[-1] for label in labels)
    )


def _is_git_remote(text: str, start: int, end: int) -> bool:
    """Return whether this is how git writes a server: `git@github.com:owner/name`."""
    return text.startswith("git@", start) and text[end : end + 1] == ":"
