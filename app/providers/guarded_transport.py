"""A transport for addresses that callers name: it connects to the public Internet and nowhere else.

Whoever lets others say what is fetched must not let them reach what only he can reach: his own machine, the
network around it, the metadata service of his cloud (OWASP, Server-Side Request Forgery Prevention, 2026-11).
The check is on the very address that is connected to: names are resolved once, by the connector itself, and
each socket is made for an address that passed: an answer of the DNS that changes in between changes nothing.
A name of which one address is private is refused as a whole.

It is not what providers are called through (`app/providers/transport.py`): their addresses come from the
operator. Connections are not kept.
"""

import functools
import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from app.providers.transport import (
    FAILURES,
    RefusedAddressError,
    gated_socket,
    open_session,
    send,
    translated,
)

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252})\.?\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
"""A last label that makes a host an IPv4 address in disguise (url.spec.whatwg.org, "ends in a number")."""
_NAT64 = ip_network("64:ff9b::/96")
_REFUSED = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # Azure's own services on each of its machines (learn.microsoft.com, 2026-11)
            "192.0.0.0/24",  # RFC 6890; Oracle Cloud's metadata at 192.0.0.192
            "192.88.99.0/24",  # relays of 6to4, RFC 7526
            "2002::/16",  # 6to4: an IPv4 address inside
            "2001::/32",  # Teredo: likewise
            "64:ff9b:1::/48",  # NAT64 of one's own network, RFC 8215
            "::/96",  # IPv4 addresses written as IPv6, deprecated by RFC 4291
            "fec0::/10",  # site-local, deprecated by RFC 3879
        ),
    )
)
"""What `ipaddress` takes for global, and is not, or not in every version of it."""


_OWN = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"))
)
"""RFC 1918, RFC 4193, and this machine."""
_METADATA = frozenset(map(IPv6Address, ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254")))
"""AWS's, for machines and for containers, and Google's (their docs, 2026-11); the others are link-local."""
_NUMBERED_METADATA = frozenset(map(IPv4Address, ("168.63.129.16", "192.0.0.192", "100.100.100.200")))
"""Azure's, Oracle's and Alibaba's."""


class AddressRefused(httpx.ConnectError):
    """The address is not one that may be asked. The message does not say which it was."""


def is_public(address: str) -> bool:
    """Whether an IP address is a global unicast one, as is what is embedded in it."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    is_odd = ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_unspecified or ip.is_loopback
    return ip.is_global and not is_odd and not any(ip in net for net in _REFUSED if net.version == ip.version)


def is_reachable(address: str) -> bool:
    """Whether an IP address is one host's: a public one, or of a private network or this machine.

    What clouds tell a machine's credentials at is none of them.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None or ip in _METADATA:
            return False
        ip = ip.ipv4_mapped or ip
    own = next((net for net in _OWN if net.version == ip.version and ip in net), None)
    return own is not None or is_public(address)


def is_no_metadata(address: str) -> bool:
    """Whether an IP address is none at which a cloud tells a machine's credentials.

    What the operator configures may be anywhere else, also in networks that `is_reachable` does not know.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip)
    return not (ip.is_link_local or ip in _METADATA or ip in _NUMBERED_METADATA)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests to public addresses only. Follows no redirects, sends no cookies, uses no proxies.

    Args:
        allow_hosts: host names that may be asked; None: any.
        allow_ports: beside the default ones.
        allows: whether an IP address may be connected to.
        resolver: looks names up; None: the system's.
    """

    def __init__(
        self,
        *,
        allow_hosts: tuple[str, ...] | None = None,
        allow_ports: tuple[int, ...] = (),
        allows: Callable[[str], bool] = is_public,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._hosts = None if allow_hosts is None else {host.lower().rstrip(".") for host in allow_hosts}
        self._ports = allow_ports
        self._allows = allows
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return as soon as the head of the answer is there.

        Raises:
            AddressRefused: it must not be asked.
            httpx.TransportError: as `AiohttpTransport`.
        """
        if not self._may_be_asked(request.url):
            raise AddressRefused("the address may not be asked", request=request)
        if self._session is None:
            self._session = open_session(self._connector())
        await request.aread()
        try:
            return await send(self._session, request)
        except FAILURES as error:
            if _is_refusal(error):
                raise AddressRefused("the address may not be asked", request=request) from None
            raise translated(error, request) from error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _may_be_asked(self, url: httpx.URL) -> bool:
        default = _PORTS.get(url.scheme)
        if default is None or url.userinfo or (url.port or default) not in {default, *self._ports}:
            return False
        host = url.host.lower()
        if self._hosts is not None and host.rstrip(".") not in self._hosts:
            return False
        try:
            return self._allows(str(ip_address(host)))
        except ValueError:
            last = host.rstrip(".").rpartition(".")[2]
            return _NAME.match(host) is not None and not _NUMBER.match(last)

    def _connector(self) -> aiohttp.TCPConnector:
        resolver = _Resolver(self._resolver or aiohttp.ThreadedResolver(), self._allows)
        return aiohttp.TCPConnector(
            resolver=resolver,
            use_dns_cache=False,
            force_close=True,
            socket_factory=functools.partial(gated_socket, self._allows),
        )


class _Resolver(AbstractResolver):
    """Looks a name up, and gives its addresses only if all of them may be asked."""

    def __init__(self, resolver: AbstractResolver, allows: Callable[[str], bool]) -> None:
        self._resolver = resolver
        self._allows = allows

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(self._allows(one["host"]) for one in found):
            raise RefusedAddressError
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _is_refusal(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, RefusedAddressError):
            return True
        if isinstance(getattr(error, "os_error", None), RefusedAddressError):
            return True
        error = error.__cause__
    return False
