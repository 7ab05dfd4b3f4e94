"""E-mail addresses.

The form is RFC 5321's dot-string without what nobody uses, a top-level domain of letters, and the lengths of
RFC 5321 section 4.5.3.1 (64 for the local part) and RFC 1035 section 2.3.4 (63 for a label, 253 for a name).
Latin letters with marks are taken (RFC 6531), other scripts are not: in running Chinese text an address has
no visible start.
"""

from collections.abc import Iterator

from guardrails.checks.patterns import compiled

_LETTER = r"A-Za-z0-9\x{c0}-\x{24f}"
_SOURCE = rf"[{_LETTER}_][{_LETTER}._%+'-]*@(?:[{_LETTER}-]+\.)+[A-Za-z]{{2,24}}"
_ADDRESS = compiled(_SOURCE)
_IMAGE = compiled(r".*@[1-9](?:\.\d)?x\.[a-z]{3,4}")
"""A picture for dense screens: `icon@2x.png` (Apple's Human Interface Guidelines)."""

_MAX_LOCAL_CHARS = 64
_MAX_LABEL_CHARS = 63
_MAX_DOMAIN_CHARS = 253


class Email:
    """Finds e-mail addresses."""

    name = "email"
    score = 1.0
    triggers = (rf"[{_LETTER}._%+'-]@[{_LETTER}-]+\.",)
    open_tail = ""
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
    labels = domain.split(".")
    return (
        len(local) <= _MAX_LOCAL_CHARS
        and len(domain) <= _MAX_DOMAIN_CHARS
        and all(0 < len(label) <= _MAX_LABEL_CHARS and label[0] != "-" != label[-1] for label in labels)
    )


def _is_git_remote(text: str, start: int, end: int) -> bool:
    """Return whether this is how git writes a server: `git@github.com:owner/name`."""
    return text.startswith("git@", start) and text[end : end + 1] == ":"
