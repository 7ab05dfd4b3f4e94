"""From the `model` of a request to the provider that serves it and the name it has there."""

from collections.abc import Mapping

import msgspec

from app.domain.errors import InvalidRequest, UnknownModel
from app.domain.ports import Provider

NO_MODEL = "portkey-default"
"""What Portkey's Python SDK puts in place of a model that its caller did not name (portkey_ai 2.3)."""
_SHOWN = 80
"""Characters of an unknown model that an error repeats."""


class Target(msgspec.Struct, frozen=True):
    """Where a request goes."""

    provider: Provider
    model: str
    """As the provider calls it."""
    is_listed: bool = False
    """Whether the configuration names the model; else it is whatever a caller wrote."""
    is_brought: bool = False
    """Whether the provider is made of what a caller brought: its answers are given to nobody else."""

    @property
    def address(self) -> str:
        """By which a caller would ask for it: `@provider/model`."""
        return f"@{self.provider.slug}/{self.model}"


class Routes:
    """The configured providers by name and by model.

    Args:
        providers: in the order of the configuration.
        models: what each lists by name of its own, by slug.
    """

    def __init__(self, providers: tuple[Provider, ...], models: Mapping[str, tuple[str, ...]]) -> None:
        self._providers = {provider.slug: provider for provider in providers}
        self._listing_order = {slug: names for slug, names in models.items() if slug in self._providers}
        self._listing = {slug: frozenset(names) for slug, names in models.items() if slug in self._providers}

    def resolve(self, model: str) -> Target:
        """Return the target of `@slug/model`, or of a bare name.

        A bare name goes to the one provider that lists it, else to the only provider there is. A name
        with slashes is still bare: `meta-llama/Llama-3.1-8B`.

        Raises:
            InvalidRequest: the model's name is empty.
            UnknownModel: no provider has that slug, none or several serve that name.
        """
        if model.startswith("@"):
            slug, _, name = model[1:].partition("/")
            provider = self._providers.get(slug)
            if provider is None:
                raise _unknown(f"No provider is named {_shown(slug)!r}. {self._known()}")
        else:
            name = model
            provider = self._bare(name)
        return self.target(provider, name)

    def target(self, provider: Provider, model: str) -> Target:
        """Return a model of a provider, as the provider calls it; where none is named, its first.

        Raises:
            InvalidRequest: the model's name is empty, or none is named and the provider lists none.
        """
        if model == NO_MODEL:
            listed = self._listing_order.get(provider.slug)
            if not listed:
                raise InvalidRequest(
                    f"The request names no model, and the provider @{provider.slug} has no `models` to "
                    "take the first of.",
                    param="model",
                )
            return Target(provider, listed[0], is_listed=True)
        if not model.strip():
            raise InvalidRequest("The model has no name; write '@provider/model'.", param="model")
        return Target(provider, model, is_listed=model in self._listing.get(provider.slug, ()))

    def _bare(self, name: str) -> Provider:
        if name == NO_MODEL and len(self._providers) != 1:
            raise InvalidRequest("The request names no model: write '@provider/model'.", param="model")
        slugs = [slug for slug, names in self._listing.items() if name in names]
        if not slugs and len(self._providers) == 1:
            slugs = list(self._providers)
        if len(slugs) == 1:
            return self._providers[slugs[0]]
        if slugs:
            ways = " or ".join(f"'@{slug}/{_shown(name)}'" for slug in slugs)
            raise _unknown(f"Several providers serve the model {_shown(name)!r}; write {ways}.")
        raise _unknown(
            f"No provider lists the model {_shown(name)!r}; write '@provider/model'. {self._known()}"
        )

    def _known(self) -> str:
        if not self._providers:
            return (
                "No provider is configured: add one to `providers` in handrail.yaml, or set OPENAI_API_KEY."
            )
        return f"There are: {', '.join(self._providers)}."


def _unknown(message: str) -> UnknownModel:
    return UnknownModel(message, param="model")


def _shown(text: str) -> str:
    """Return it short: it is the caller's, and an error shall not carry a megabyte back."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
