"""Providers made for what callers bring, and for what a saved config changes of a configured one.

A caller may bring a key for a kind of provider (`caller_keys`), and an address (`custom_hosts`), where the
configuration says so. Nothing of the operator's goes to such a provider: no key, no cloud identity, no header
of a configured provider. An address is compared with what the operator allows, and what its name resolves to
is checked again when it is connected to (`guarded_transport.py`): not even an allowed name leads into the
operator's network, unless that is allowed as well.

What a saved config changes, the operator wrote: it is a configured provider like any other.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import msgspec
from aiohttp.abc import AbstractResolver

from app.caller_settings import CallerKeySettings, CustomHostSettings
from app.catalogue.catalogue import Catalogue
from app.configuration.host_patterns import PORTS, Place
from app.configuration.reader import Configuration
from app.domain.errors import InvalidRequest
from app.providers.buckets import BucketGate
from app.providers.build import build as build_provider
from app.providers.guarded_transport import GuardedTransport, is_public, is_reachable
from app.providers.http import HttpProvider, Media
from app.providers.identities import Surroundings
from app.secret import Secret
from app.settings import ProviderSettings

MAX_KEPT = 256
"""Providers kept, with callers' keys in them, in memory only; beyond, the one kept longest is forgotten."""
_MAX_URL = 2048
_ANY = "*"
_HEADER = "x-portkey-custom-host"

Build = Callable[[str, ProviderSettings, Surroundings], HttpProvider]
"""Makes a provider of a name and settings. Raises ValueError."""


class Guests:
    """Makes them; an `app.routing.targets.Guests`.

    Args:
        build: makes providers.
        surroundings: of configured providers; callers' get its transport and nothing else of it.
        configured: settings by slug.
        catalogue: knows kinds.
        keys: which kinds callers may bring a key for.
        hosts: which addresses they may bring.
        resolver: looks up names of callers' addresses; None: the system's.
    """

    def __init__(  # noqa: PLR0913 (what a provider can be made of)
        self,
        build: Build,
        surroundings: Surroundings,
        configured: Mapping[str, ProviderSettings],
        catalogue: Catalogue,
        keys: CallerKeySettings,
        hosts: CustomHostSettings,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._build = build
        self._configured = configured
        self._catalogue = catalogue
        self._kinds = {row.kind for name in keys.allow if (row := catalogue.row(name)) is not None}
        self._takes_all = _ANY in keys.allow
        self._hosts = [Place.of(entry) for entry in hosts.allow]
        self._transport = GuardedTransport(
            allow_ports=tuple({place.port for place in self._hosts if place.port is not None}),
            allows=is_reachable if hosts.allow_private else is_public,
            resolver=resolver,
        )
        self._surroundings = surroundings
        self._bare = Surroundings({}, Path(os.devnull), surroundings.transport)
        self._guarded = Surroundings({}, Path(os.devnull), self._transport)
        self._made: dict[tuple[str, str | None, str | None, bool], HttpProvider] = {}

    @property
    def takes_hosts(self) -> bool:
        """Whether callers may bring any address."""
        return bool(self._hosts)

    def takes_key(self, kind: str) -> bool:
        """Return whether callers may use this kind of provider with keys of their own."""
        return self._takes_all or kind in self._kinds

    def callers(self, kind: str, key: Secret | None, host: str | None) -> HttpProvider:
        """Return a provider for what a caller brings; see `app.routing.targets.Guests`."""
        if host is None and not self.takes_key(kind):
            raise _refused(f"Keys of your own for {kind} are not taken here (`caller_keys`).", "api_key")
        if host is not None:
            self._require_allowed(host)
        row = self._catalogue.row(kind)
        assert row is not None, "a kind is one of the catalogue's"
        if key is None and row.credentials != "key":
            raise _refused(f"{kind} at an address of your own needs a key of your own.", "api_key")
        if host is None and (row.placeholders or (row.base_url is None and row.credentials != "google")):
            raise _refused(f"The address of {kind} is not known without an account; configure a provider.")
        settings = ProviderSettings(kind=kind, base_url=host, api_key=key)
        there = self._bare if host is None else self._guarded
        return self._kept((kind, _revealed(key), host, True), kind, settings, there)

    def operators(self, name: str, key: Secret | None, host: str | None) -> HttpProvider:
        """Return what a saved config makes of a provider; see `app.routing.targets.Guests`."""
        settings = self._configured.get(name) or ProviderSettings(kind=name)
        settings = msgspec.structs.replace(
            settings, api_key=key or settings.api_key, base_url=host or settings.base_url
        )
        return self._kept((name, _revealed(key), host, False), name, settings, self._surroundings)

    async def aclose(self) -> None:
        """Close the connections to callers' addresses."""
        await self._transport.aclose()

    def _kept(
        self,
        place: tuple[str, str | None, str | None, bool],
        name: str,
        settings: ProviderSettings,
        surroundings: Surroundings,
    ) -> HttpProvider:
        provider = self._made.get(place)
        if provider is None:
            try:
                provider = self._build(name, settings, surroundings)
            except ValueError as error:
                raise _refused(f"The provider cannot be used like that: {error}.", "custom_host") from None
            self._made[place] = provider
            if len(self._made) > MAX_KEPT:
                del self._made[next(iter(self._made))]
        return provider

    def _require_allowed(self, host: str) -> None:
        try:
            url = httpx.URL(host) if len(host) <= _MAX_URL else httpx.URL()
        except (httpx.InvalidURL, ValueError):
            url = httpx.URL()
        if url.scheme not in PORTS or not url.host or url.userinfo or "#" in host or "@" in host:
            raise _refused(f"`{_HEADER}` must be an http:// or https:// URL without credentials.")
        name = url.raw_host.decode("ascii").lower().rstrip(".")
        if not any(place.holds(url.scheme, name, url.port) for place in self._hosts):
            raise _refused(f"`{_HEADER}` is not allowed here, or not for this host (`custom_hosts`).")


def guests_of(configuration: Configuration, surroundings: Surroundings, media: Media | None = None) -> Guests:
    """Return what makes providers of what callers bring, and of what saved configs change.

    Args:
        configuration: what is allowed.
        surroundings: for those that saved configs make; callers' have none.
        media: fetches images for those that take none by URL.
    """
    settings, catalogue = configuration.settings, configuration.catalogue
    gate = BucketGate(settings.images.allow_buckets)

    def made(name: str, one: ProviderSettings, there: Surroundings) -> HttpProvider:
        return build_provider(name, one, catalogue, there, media, gate)

    return Guests(
        made, surroundings, settings.providers, catalogue, settings.caller_keys, settings.custom_hosts
    )


def _revealed(key: Secret | None) -> str | None:
    return None if key is None else key.reveal()


def _refused(message: str, param: str = _HEADER) -> InvalidRequest:
    return InvalidRequest(message, param=param, code="not_allowed")
