"""Which hosts are on a list, which are private, and which look like another."""

import ipaddress
from collections.abc import Iterable

import disarm

from guardrails.checks.urls.address import DEFAULT_PORTS, Address, address

_PRIVATE_SUFFIXES = frozenset(
    "localhost local localdomain internal intranet lan home corp private home.arpa".split()
)
"""Names of no public host (RFC 6761, 6762, 8375; ICANN's reserved `internal`; and what routers and companies
use). `metadata.google.internal` is one of them."""

_ECHOING_SUFFIXES = frozenset("nip.io sslip.io xip.io localtest.me lvh.me vcap.me".split())
"""Public names that resolve to whatever address stands in them, or to 127.0.0.1."""

_METADATA = frozenset({"168.63.129.16"})
"""Addresses of clouds' own services that are public by number (Azure's; others are link-local or shared)."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses whose last 32 bits are an IPv4 address (RFC 6052)."""


class HostListError(ValueError):
    """An entry of a list is no host."""


class Hosts:
    """A list of hosts.

    Args:
        entries: each a host, for itself and all below it, `*.` before it for those below it alone; a scheme
            before it and a port behind it, for that scheme or port alone. An IP address stands for itself.

    Raises:
        HostListError: an entry is none of these.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries: dict[str, list[tuple[str, int | None, bool]]] = {}
        for entry in entries:
            name, terms = _entry(entry)
            self._entries.setdefault(name, []).append(terms)

    def has(self, at: Address) -> bool:
        """Return whether the host of this address is on the list."""
        if at.host in self._entries and self._meets(at.host, at, below=False):
            return True
        if at.ip is not None:
            return False
        place = at.host.find(".")
        while place >= 0:
            name = at.host[place + 1 :]
            if name in self._entries and self._meets(name, at, below=True):
                return True
            place = at.host.find(".", place + 1)
        return False

    def _meets(self, name: str, at: Address, *, below: bool) -> bool:
        return any(
            scheme in {"", at.scheme} and port in {None, at.port} and (below or not only_below)
            for scheme, port, only_below in self._entries[name]
        )


def is_private(at: Address) -> bool:
    """Return whether this is a host that only a machine within a network can reach."""
    if at.ip is not None:
        return _is_private_ip(at.ip)
    labels = at.host.split(".")
    if len(labels) == 1 and labels[0] not in _PRIVATE_SUFFIXES:
        return bool(at.host) and (not at.scheme or at.scheme in DEFAULT_PORTS)  # `s3://bucket` names none
    if labels[-1] in _PRIVATE_SUFFIXES or ".".join(labels[-2:]) in _PRIVATE_SUFFIXES:
        return True
    return ".".join(labels[-2:]) in _ECHOING_SUFFIXES


def looks_like_another(host: str) -> bool:
    """Return whether letters of this host (in its one spelling) are there to be taken for others.

    A label that mixes scripts, or one that is all Cyrillic or Greek and yet reads as Latin (`xn--80ak6aa92e`,
    which is shown as apple) under a Latin top level. Names in their own script, and Chinese or Japanese
    beside Latin, are none.
    """
    if "xn--" not in host:
        return False
    _, analysis = disarm.is_suspicious_hostname(host)
    if analysis.bidi_control or analysis.has_invisible:
        return True
    if any(
        len(set(scripts)) > 1 and not _WRITTEN_TOGETHER.issuperset(scripts)
        for scripts in analysis.label_scripts
    ):
        return True
    top_is_latin = not host.rpartition(".")[2].startswith("xn--")
    return top_is_latin and any(analysis.label_whole_script_confusable[:-1])


_WRITTEN_TOGETHER = frozenset({"Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"})


def _is_private_ip(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return _is_private_ip(inner)
    return not ip.is_global or ip.is_multicast or str(ip) in _METADATA


def _entry(entry: str) -> tuple[str, tuple[str, int | None, bool]]:
    scheme, separator, rest = entry.rpartition("://")
    only_below = rest.startswith("*.")
    at = address(f"//{rest.removeprefix('*.')}")
    if at is None or not at.host or at.path or at.query or at.fragment or at.has_userinfo or " " in entry:
        raise HostListError("write a host such as example.com, *.example.com or https://example.com:8443")
    return at.host, (scheme.lower() if separator else "", at.port, only_below)
