"""Hosts that callers may name, as the configuration lists them."""

import ipaddress
import re

import msgspec

PORTS = {"http": 80, "https": 443}
_ANY = "*"
_PORT = re.compile(r"(?P<host>.*?)(?::(?P<port>[0-9]{1,5}))?\Z", re.DOTALL)
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252}[a-z0-9_])?\Z")
_MAX_PORT = 65_535


class Place(msgspec.Struct, frozen=True):
    """A host that may be named: `example.com`, `*.example.com`, `vllm:8000`, `[::1]:8000`, `*`."""

    host: str
    port: int | None
    """None: the scheme's own."""

    @classmethod
    def of(cls, entry: str) -> "Place":
        """Read one.

        Raises:
            ValueError: it is none; the message says what is expected.
        """
        found = _PORT.match(entry)
        assert found is not None, "anything matches"
        host, port = found["host"].lower().rstrip("."), found["port"]
        if port is not None and not 0 < int(port) <= _MAX_PORT:
            raise ValueError("has a port that there is not")
        if host.startswith("[") and host.endswith("]"):
            host = _literal(host[1:-1])
        elif host != _ANY and not _NAME.match(host.removeprefix("*.")):
            raise ValueError(
                "expected a host, with a port where it is not the usual one: 'vllm.internal:8000'"
            )
        return cls(host, None if port is None else int(port))

    def holds(self, scheme: str, host: str, port: int | None) -> bool:
        """Return whether this is where a URL leads.

        Args:
            scheme: of the URL, `http` or `https`.
            host: in lower case, without brackets and without a dot at its end.
            port: None: the scheme's own.
        """
        usual = PORTS[scheme]
        if (usual if port is None else port) != (usual if self.port is None else self.port):
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return self.host in {_ANY, host}


def unusable_host(entry: str) -> str | None:
    """Return why an entry of the configuration names no host, None if it does."""
    try:
        Place.of(entry)
    except ValueError as error:
        return str(error)
    return None


def _literal(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise ValueError("has brackets, but no IPv6 address in them") from None
