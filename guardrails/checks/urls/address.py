"""An address taken apart as browsers do it, not as it should be written.

What a person's client makes of a URL counts (WHATWG URL Standard, 2026-10): backslashes are slashes, one
slash or none will do behind `https:`, what stands before the last `@` is no host, `0x7f.1` and `2130706433`
are 127.0.0.1, full-width letters are letters. Hosts come out in one spelling, so that two of them are the
same host if they are equal.
"""

import html
import ipaddress
import re
import unicodedata
from urllib.parse import unquote

import msgspec

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""Of the schemes that browsers read leniently ("special" in the standard)."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DROPPED = dict.fromkeys(map(ord, "\t\n\r"))
_HOST_END = re.compile(r"[/\\?#]")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_MAX_HOST_CHARS = 2_000
"""Far above what any name may have (253, RFC 1035); a longer one is cut, and is on no list."""
_MAX_IPV4 = 4

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Address(msgspec.Struct, frozen=True):
    """What a URL says."""

    scheme: str
    """In small letters; empty for `//host`."""
    host: str
    """In one spelling: small letters, IDN as `xn--`, IPv4 and IPv6 as their canonical text; may be empty."""
    port: int | None
    """As given, or the scheme's own."""
    path: str
    query: str
    fragment: str
    has_userinfo: bool = False
    ip: IpAddress | None = None


def address(url: str) -> Address | None:
    """Take a URL apart; None for a relative one, which names no host."""
    if "&" in url:
        url = html.unescape(url).translate(_DROPPED)
    found = _SCHEME.match(url)
    scheme = found[1].lower() if found else ""
    rest = url[found.end() :] if found else url
    if not scheme or scheme in DEFAULT_PORTS:
        host_and_rest = rest.lstrip("/\\")
        if scheme or len(rest) - len(host_and_rest) >= 2:  # noqa: PLR2004 ("//")
            return _with_host(scheme, host_and_rest)
    elif rest.startswith("//"):
        return _with_host(scheme, rest[2:])
    return Address(scheme, "", None, rest, "", "") if scheme else None


def host_name(name: str) -> tuple[str, IpAddress | None]:
    """Return a host in its one spelling, and the IP address that it is, if it is one."""
    name = unicodedata.normalize("NFKC", unquote(name[:_MAX_HOST_CHARS])).replace("\u3002", ".").lower()
    name = "".join(character for character in name if unicodedata.category(character) != "Cf").rstrip(".")
    ip = _ip(name)
    return (_ascii(name), None) if ip is None else (str(ip), ip)


def _with_host(scheme: str, rest: str) -> Address:
    end = _HOST_END.search(rest)
    authority = rest[: end.start()] if end else rest
    userinfo, _, host_port = authority.rpartition("@")
    host, port = _host_port(host_port)
    name, ip = host_name(host)
    path_query, _, fragment = (rest[end.start() :] if end else "").partition("#")
    path, _, query = path_query.partition("?")
    default = DEFAULT_PORTS.get(scheme)
    return Address(
        scheme,
        name,
        int(port) if port else default,
        path,
        query,
        fragment,
        has_userinfo=bool(userinfo),
        ip=ip,
    )


def _host_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, port = text.partition("]")
        host += "]"
    else:
        host, _, port = text.partition(":")
    port = port.lstrip(":")
    return host, port if port.isascii() and port.isdecimal() and len(port) <= 5 else ""  # noqa: PLR2004 (65535)


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode", "replace").decode("ascii")
        for label in name.split(".")
    )


def _ip(name: str) -> IpAddress | None:
    if name.startswith("["):
        try:
            six = ipaddress.IPv6Address(name.strip("[]").partition("%")[0])
        except ValueError:
            return None
        return six.ipv4_mapped or six
    numbers = name.split(".")
    if len(numbers) > _MAX_IPV4 or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    try:
        values = [_value(number) for number in numbers]
    except ValueError:
        return None
    *leading, last = values
    if any(value > 0xFF for value in leading) or last >= 256 ** (5 - len(values)):  # noqa: PLR2004 (octets)
        return None
    whole = last + sum(value << 8 * (3 - place) for place, value in enumerate(leading))
    return ipaddress.IPv4Address(whole)


def _value(number: str) -> int:
    """Return what a number of an IPv4 address is, by its prefix in base 16, 8 or 10."""
    if number[:2] in {"0x", "0X"}:
        return int(number[2:] or "0", 16)
    if len(number) > 40:  # noqa: PLR2004 (longer than any address, in any base)
        raise ValueError("no address has so many digits")
    return int(number, 8 if len(number) > 1 and number.startswith("0") else 10)
