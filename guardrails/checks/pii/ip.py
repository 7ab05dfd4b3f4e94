"""Addresses of the internet protocol, both versions, as `ipaddress` takes them.

Left out is what identifies nobody: the unspecified and the loopback addresses. Left out is also what only
looks like one: four numbers that a version is called by, and names with `::` in programs.
"""

import ipaddress
from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import glued
from guardrails.checks.places import Places

_VERSION = r"(?i:\b(?:version|ver\.?|v\.?|release|build|firmware|driver|section|clause)[ ])"
_UPGRADE = r"(?i:\b(?:upgrad|updat|downgrad)(?:e|ed|es|ing)[ ])"
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_V6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?"
_V4_CANDIDATE = compiled(rf"(?:{_VERSION}|{_UPGRADE}(?i:to)[ ]){_V4}|(?:^|[^0-9A-Za-z_.-])({_V4})")
_V6_CANDIDATE = compiled(rf"(?:^|[^0-9A-Za-z_.:-])({_V6})")
_LONG_FIRST_GROUP = compiled(r"(?i)[0-9a-f]{3,4}:.*|64:ff9b::.*|::ffff:.*\..*")
"""How addresses in use start (IANA, IPv6 address space): all but the translation prefixes with a group of 3
or 4 digits."""

_V6_SEPARATORS = 7
"""Colons of an address that is written out; an IPv4 address in its tail stands for one more."""


class Ip:
    """Finds IP addresses."""

    name = "ip"
    score = 0.9
    triggers = (_V4, r"[0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{1,4}:|:)", r"::[0-9A-Fa-f]{1,4}")
    open_tail = rf"{_VERSION}|{_UPGRADE}(?i:to[ ])?"
    words: tuple[str, ...] = ()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where addresses stand."""
        spans = [found.span(1) for found in _V6_CANDIDATE.finditer(text) if _is_v6(text, *found.span(1))]
        taken = Places(spans)
        for found in _V4_CANDIDATE.finditer(text):
            start, end = found.span(1)
            if _is_v4(text, start, end) and not taken.meet(start, end):
                spans.append((start, end))
        yield from sorted(spans)


def _is_v4(text: str, start: int, end: int) -> bool:
    if start < 0 or (glued(text, end) and text[end] not in ":/"):
        return False
    return _names_somebody(text[start:end])


def _is_v6(text: str, start: int, end: int) -> bool:
    address = text[start:end]
    if "::" not in address and address.count(":") + address.count(".") // 3 < _V6_SEPARATORS:
        return False
    if glued(text, end) or text[end : end + 1] == ":":
        return False
    if "::" in address and not (_LONG_FIRST_GROUP.fullmatch(address) and any(map(str.isdecimal, address))):
        return False
    return _names_somebody(address)


def _names_somebody(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_unspecified or parsed.is_loopback)
