r"""Where URLs stand in a text: in Markdown, in HTML, and bare.

Whoever shows an answer fetches what its images name without asking anybody, and opens what its links name at
a click. So it matters in which of them a URL stands, also where it has no scheme (`//host/x`), which in prose
would be none.

    ![alt](URL)   [label]: URL   src="URL"   url(URL)      loaded by whoever shows the text
    [words](URL)  href="URL"     <URL>       URL           opened by whoever clicks

A URL ends at white space. Where it begins with a host in Latin letters it ends at the first Chinese, Japanese
or Korean character too when it stands bare, since those scripts put no space behind it.
"""

import re
import string
from collections.abc import Iterator

import msgspec

from guardrails.checks.patterns import SPACE, UNSPACED, PatternSet, compiled
from guardrails.checks.places import Places
from guardrails.checks.urls.address import Address, address

MAX_ALT_CHARS = 500
"""How long the words of an image may be; a longer one counts as a link. A bound, so that what is held is."""

_MAX_GAP = 16
"""White space between an attribute and its value, or in front of a destination."""

_GAP = f"[{SPACE}]{{0,{_MAX_GAP}}}"
_IDEOGRAPH = UNSPACED.replace(r"\x{2e80}-", r"\x{2e80}-\x{2fff}\x{3001}-")
"""Without the one character of them that is white space too, U+3000."""

_LOADING = "src|srcset|poster|background|data"
_OPENING = "href|action|formaction"
_ATTRIBUTES = frozenset(f"{_LOADING}|{_OPENING}".split("|"))

_BRACKETS = re.compile(r"!\[|\[|\]\(|\]")
"""Scanned at a cost per bracket: Python's own engine, a fixed pattern without repetition."""

_DESTINATION = compiled(rf"(\]\(|\]:){_GAP}<?((?:[^{SPACE}<>()]|\([^{SPACE}<>()]*\))+)")
_ATTRIBUTE = compiled(
    rf"(?i)(?:\b(?:({_LOADING})|(?:{_OPENING})){_GAP}=|(\burl)\(){_GAP}[\"']?{_GAP}([^{SPACE}\"'<>)]+)"
)
_BARE = compiled(
    rf"(?i)\b[a-z][a-z0-9+.-]{{0,30}}:[/\\]{{2,}}"
    rf"(?:[^{SPACE}{UNSPACED}<>\"`|]+|[{_IDEOGRAPH}][^{SPACE}<>\"`|]*)"
    rf"|\bdata:[a-z]+/[a-z0-9.+-]+[;,][^{SPACE}{UNSPACED}<>\"`|]*"
    rf"|\b(?:https?|wss?|ftp):[/\\]?(?:[a-z0-9-]+\.[a-z0-9]|\[|0x|[0-9]{{8}})[^{SPACE}{UNSPACED}<>\"`|]*"
)
"""The last as browsers take it, with one slash or none."""
_WITHOUT_SCHEME = compiled(
    rf"(?i)(?:\A|[{SPACE}{UNSPACED}\"'`(<=])"
    rf"([/\\]{{2,}}(?:[0-9]+\.[0-9]+\.[0-9]+\.[0-9]|\[|0x[0-9a-f]|[0-9]{{8}}|localhost\b|[a-z0-9.-]+\.internal\b)"
    rf"[^{SPACE}{UNSPACED}<>\"`|]*)"
)
"""An address that means its own network's host, also in prose: where `//` is a comment no such follows."""
_HOST = compiled(
    r"(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\b(?::[0-9]{1,5}\b)?"
    rf"(?:[/?#][^{SPACE}{UNSPACED}<>\"`|]*)?"
)
_ENDS_IN_PROGRESS = (
    rf"(?i)(?:\][(:]{_GAP}<?[^{SPACE}]*"
    rf"|\b(?:{_LOADING}|{_OPENING}){_GAP}(?:={_GAP}[\"']?{_GAP}[^{SPACE}]*)?"
    rf"|\burl\({_GAP}[\"']?{_GAP}[^{SPACE}]*"
    rf"|[/\\]{{2}}[^{SPACE}]*)\z"
)
_IN_PROGRESS = PatternSet([_ENDS_IN_PROGRESS])
OPENERS = (_ENDS_IN_PROGRESS, r"!\[")
"""One of them matches wherever something is `in_progress`."""

TRIGGERS = (
    r"[/\\]{2}|(?i)&(?:#|sol|bsol|colon|tab|newline)",
    r"(?i)\b(?:javascript|vbscript|data|https?|ftp|wss?):",
)
"""Without one of these there is no URL."""
BARE_HOST_TRIGGER = r"(?i)[a-z0-9]\.[a-z]"
"""Nor a host without a scheme without this."""


class Mention(msgspec.Struct, frozen=True):
    """A URL, and where it stands."""

    at: Address
    start: int
    """In code points."""
    end: int
    loads: bool = False
    """Whether showing the text fetches it."""
    embedded: bool = False
    """Whether it stands in Markdown or HTML."""
    has_scheme: bool = True
    """False for a bare host such as `example.com/x`."""


def mentions(text: str, *, bare_hosts: bool = False) -> list[Mention]:
    """Return the URLs of a text, ordered by start; none of them lies within another.

    Args:
        text: any.
        bare_hosts: whether `example.com` counts, without a scheme.
    """
    found: list[Mention] = []
    if "](" in text or "]:" in text:
        found += _destinations(text)
    if "=" in text or "(" in text:
        found += _attributes(text)
    found = _apart(sorted(found, key=_start))
    found = sorted([*found, *_beside(found, _bare(text))], key=_start)
    if "//" in text or "\\" in text:
        found = sorted([*found, *_beside(found, _without_scheme(text))], key=_start)
    return sorted([*found, *_beside(found, _bare_hosts(text))], key=_start) if bare_hosts else found


def in_progress(text: str) -> bool:
    """Return whether a URL, or an image, may go on behind a text that ends with a break."""
    last = 0 if text[-1:].isspace() else len(text.rsplit(None, 1)[-1])
    tail = text[-(last + 3 * _MAX_GAP + len("formaction") + 8) :]
    if _may_be_in_progress(tail) and _IN_PROGRESS.any(tail):
        return True
    alt = text[-(MAX_ALT_CHARS + 2) :]
    return "![" in alt and _opens_image(alt)


def _may_be_in_progress(tail: str) -> bool:
    """Return whether there is any character that a URL in progress has: Python is asked first."""
    if "=" in tail or "(" in tail or "]" in tail or "/" in tail or "\\" in tail or not tail.isascii():
        return True
    words = tail.rstrip()
    return words[len(words.rstrip(string.ascii_letters)) :].lower() in _ATTRIBUTES


def _destinations(text: str) -> Iterator[Mention]:
    images = _image_ends(text)
    for found in _DESTINATION.finditer(text):
        start, end = found.span(2)
        at = address(text[start:end])
        if at is not None:
            loads = found.start() in images or text[found.start() + 1] == ":"
            yield Mention(at, start, end, loads=loads, embedded=True)


def _attributes(text: str) -> Iterator[Mention]:
    for found in _ATTRIBUTE.finditer(text):
        start, end = found.span(3)
        at = address(text[start:end])
        if at is not None:
            loads = found.start(1) >= 0 or found.start(2) >= 0
            yield Mention(at, start, end, loads=loads, embedded=True)


def _bare(text: str) -> Iterator[Mention]:
    for found in _BARE.finditer(text):
        start, end = found.start(), _end_of_url(text, *found.span())
        at = address(text[start:end])
        if at is not None:
            yield Mention(at, start, end, embedded=text[start - 1 : start] == "<")


def _without_scheme(text: str) -> Iterator[Mention]:
    for found in _WITHOUT_SCHEME.finditer(text):
        start, end = found.start(1), _end_of_url(text, *found.span(1))
        at = address(text[start:end])
        if at is not None:
            yield Mention(at, start, end)


def _bare_hosts(text: str) -> Iterator[Mention]:
    for found in _HOST.finditer(text):
        start, end = found.start(), _end_of_url(text, *found.span())
        at = address(f"//{text[start:end]}")
        if at is not None and text[start - 1 : start] not in _WITHIN:
            yield Mention(at, start, end, has_scheme=False)


_WITHIN = frozenset("@/\\.:-_")
"""In front of a host these say that it is a piece of something else: of an e-mail address, of a path."""


def _beside(taken: list[Mention], others: Iterator[Mention]) -> list[Mention]:
    places = Places((mention.start, mention.end) for mention in taken)
    return [mention for mention in others if not places.meet(mention.start, mention.end)]


def _image_ends(text: str) -> set[int]:
    """Return where the `](` of images stand, by the brackets that they close."""
    ends = set()
    if "![" in text:
        open_at: list[tuple[int, bool]] = []
        for found in _BRACKETS.finditer(text):
            bracket = found[0]
            if bracket in {"![", "["}:
                open_at.append((found.start(), bracket == "!["))
            elif open_at:
                begun, is_image = open_at.pop()
                if is_image and bracket == "](" and found.start() - begun <= MAX_ALT_CHARS:
                    ends.add(found.start())
    return ends


def _opens_image(text: str) -> bool:
    open_at: list[bool] = []
    for found in _BRACKETS.finditer(text, text.find("![")):
        if found[0] in {"![", "["}:
            open_at.append(found[0] == "![")
        elif open_at:
            open_at.pop()
    return any(open_at)


def _apart(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _start(mention: Mention) -> int:
    return mention.start


def _end_of_url(text: str, start: int, end: int) -> int:
    """Return where a URL ends without what belongs to the sentence: marks, and brackets opened before it."""
    url = text[start:end]
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _PAIRS.items()}
    while end > start and (text[end - 1] in _SENTENCE or surplus.get(text[end - 1], 0) > 0):
        surplus[text[end - 1]] = surplus.get(text[end - 1], 0) - 1
        end -= 1
    return end


_PAIRS = {")": "(", "]": "[", "}": "{"}
_SENTENCE = frozenset(".,;:!?'*_~\u2019\u201d\u2026\u3001\u3002\uff0c\uff01\uff1f\uff09\u300d")
