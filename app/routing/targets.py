"""From the providers that requests and configs name to those that are asked.

A name is that of a configured provider, with or without `@`, or of a kind of which one is configured. A
caller who names a kind, and brings a key or an address of its own, gets a provider made for it (`Guests`),
where the configuration allows that. Configured providers are never asked at an address, or with a key, that
came with a request: what is the operator's goes where the operator said.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from app.domain.errors import InvalidRequest
from app.domain.ports import Provider
from app.routing.config import Credentials
from app.routing.config_reader import Known, split_model
from app.routing.resolve import Routes, Target
from app.routing.tree import Leaf
from app.routing.way import CONFIG_HEADER
from app.routing.wish import Wish
from app.secret import Secret

HOST_HEADER = "x-portkey-custom-host"
_NO_CREDENTIALS = Credentials()
_SHOWN = 64


class Guests(Protocol):
    """Makes providers of what is no setting of one."""

    @property
    def takes_hosts(self) -> bool:
        """Whether callers may bring any address."""

    def takes_key(self, kind: str) -> bool:
        """Return whether callers may use this kind of provider with keys of their own."""

    def callers(self, kind: str, key: Secret | None, host: str | None) -> Provider:
        """Return a provider for what a caller brings; nothing of the operator's is sent to it.

        Raises:
            InvalidRequest: the configuration does not allow it, or it cannot be.
        """

    def operators(self, name: str, key: Secret | None, host: str | None) -> Provider:
        """Return the configured provider, or one of this kind, with what a saved config changes of it.

        Raises:
            InvalidRequest: it cannot be.
        """


class Targets:
    """Finds providers.

    Args:
        routes: configured ones by model.
        providers: all that are configured.
        kind_of: turns any name of a kind into its own, None for a name that is none.
        guests: makes providers of what callers and saved configs bring; None: nobody may bring anything.
    """

    def __init__(
        self,
        routes: Routes,
        providers: tuple[Provider, ...],
        kind_of: Callable[[str], str | None],
        guests: Guests | None = None,
    ) -> None:
        self._routes = routes
        self._providers = {provider.slug: provider for provider in providers}
        self._kinds: dict[str, Provider | None] = {}
        for provider in providers:
            self._kinds[provider.kind] = None if provider.kind in self._kinds else provider
        self._kind_of = kind_of
        self._guests = guests
        self.known = Known(frozenset(self._providers), _Kinds(self))

    def asked(self, wish: Wish, model: str) -> Target:
        """Return the target of a request that no config says anything about.

        Raises:
            InvalidRequest: it asks for something that is not allowed, or is nonsense.
            UnknownModel: no provider serves the model.
        """
        if wish.provider is None:
            if wish.custom_host is not None:
                raise _no_host("goes with a kind of provider beside it (`x-portkey-provider: openai`)")
            return self._routes.resolve(model)
        slug, name = split_model(model)
        guest = self._guest(wish)
        provider = guest or self._provider(wish.provider)
        if slug is not None and (guest is not None or slug != provider.slug):
            raise _two_providers(wish.provider, slug)
        target = self._routes.target(provider, name)
        return target if guest is None else _brought(target, is_callers=True)

    def only(self, wish: Wish) -> Provider:
        """Return the configured provider that is named, or the only one, where no model says which.

        Raises:
            InvalidRequest: there is none, or several; or an address is brought, which nothing here reads.
        """
        if wish.custom_host is not None:
            raise _no_host("cannot be used for what is passed on")
        if wish.provider is not None:
            return self._provider(wish.provider)
        if len(self._providers) != 1:
            raise refused(f"Name a provider (x-portkey-provider); there are: {', '.join(self._providers)}.")
        return next(iter(self._providers.values()))

    def at(self, leaf: Leaf, wish: Wish, model: str, *, is_callers: bool) -> Target:
        """Return what a target of a config asks.

        Raises:
            InvalidRequest: as `asked`.
            UnknownModel: as `asked`.
        """
        name = leaf.model or model
        if leaf.credentials != _NO_CREDENTIALS:
            provider = self.brought(leaf, wish, is_callers=is_callers)
            return _brought(self._routes.target(provider, split_model(name)[1]), is_callers=is_callers)
        if leaf.provider is None:
            return self.asked(wish, name)
        if wish.custom_host is not None:
            raise _no_host(f"cannot change where {leaf.path} is; write `custom_host` into the config")
        return self._routes.target(self._provider(leaf.provider.name), split_model(name)[1])

    def brought(self, leaf: Leaf, wish: Wish, *, is_callers: bool) -> Provider:
        """Return the provider of a target that has a key or an address of its own.

        Raises:
            InvalidRequest: it is the caller's, and not allowed; or it names no provider.
        """
        given, name = leaf.credentials, leaf.provider.name if leaf.provider is not None else wish.provider
        if name is None:
            raise refused(f"{leaf.path} brings a key or an address, but names no provider that they are for.")
        if self._guests is None:
            raise refused(f"{leaf.path} brings a key or an address of its own, which is not allowed here.")
        if not is_callers:
            return self._guests.operators(name.removeprefix("@"), given.api_key, given.custom_host)
        kind = None if leaf.provider is not None and leaf.provider.is_slug else self._kind(name)
        if given.cloud or kind is None:
            raise refused(
                f"{leaf.path} brings an account, or a key or an address for a configured provider, which is "
                "not allowed here: name a configured provider and nothing else."
            )
        return self._guests.callers(kind, given.api_key, given.custom_host)

    def may_be_named(self, name: str) -> bool:
        """Return whether a config may hold the name of this kind: one is configured, or may be brought."""
        kind, guests = self._kind_of(name), self._guests
        if kind is None or kind in self._kinds:
            return kind is not None
        return guests is not None and (guests.takes_hosts or guests.takes_key(kind))

    def require(self, leaf: Leaf) -> None:
        """Make sure that a target of a caller's config which brings nothing can be had.

        Raises:
            InvalidRequest: it can not.
        """
        if leaf.provider is not None:
            self._provider(leaf.provider.name)

    def _guest(self, wish: Wish) -> Provider | None:
        """Return the provider of what a caller brings by header, None if it brings nothing that counts."""
        assert wish.provider is not None, "what is brought is for a provider"
        kind, host = self._kind(wish.provider), wish.custom_host
        if kind is None:
            if host is not None:
                raise _no_host(f"goes with a kind of provider, not with {wish.provider[:_SHOWN]!r}")
            return None
        if self._guests is None:
            if host is not None:
                raise _no_host("is not allowed here")
            return None
        if host is None and (wish.key is None or not self._guests.takes_key(kind)):
            return None
        return self._guests.callers(kind, wish.key, host)

    def _kind(self, name: str) -> str | None:
        """Return the kind that a name stands for; `@` says that a configured provider is meant."""
        return None if name.startswith("@") else self._kind_of(name)

    def _provider(self, name: str) -> Provider:
        """Return the provider of this name, else the only one of this kind."""
        name = name.removeprefix("@")
        provider = self._providers.get(name) or self._kinds.get(self._kind_of(name) or "")
        if provider is None:
            known = ", ".join(self._providers) or "none is configured"
            raise refused(f"No provider is named {name[:_SHOWN]!r}; there are: {known}.")
        return provider


class _Kinds:
    """Names of kinds that a config may hold."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._targets.may_be_named(name)


def _brought(target: Target, *, is_callers: bool) -> Target:
    return msgspec.structs.replace(target, is_brought=is_callers)


def refused(message: str) -> InvalidRequest:
    """Return the error for a config that cannot be used."""
    return InvalidRequest(message, param=CONFIG_HEADER, code="invalid_config")


def _two_providers(named: str, slug: str) -> InvalidRequest:
    """Return the error for a header and a model that disagree; at Portkey a header goes with a bare name."""
    return InvalidRequest(
        f"The request names two providers: {named[:_SHOWN]!r} and, by its model, {'@' + slug[:_SHOWN]!r}. "
        "Send the model's name without `@provider/`, or no provider beside it.",
        param="model",
        code="two_providers",
    )


def _no_host(why: str) -> InvalidRequest:
    return InvalidRequest(f"`{HOST_HEADER}` {why}.", param=HOST_HEADER, code="custom_host_refused")
