"""What the environment says of providers: which there are, if no file says it, and where a cloud's are."""

from collections.abc import Iterator, Mapping

import msgspec

from app.catalogue.catalogue import Catalogue
from app.secret import Secret
from app.settings import ProviderSettings, Settings

_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Where AWS's tools look (docs.aws.amazon.com/sdkref, 2026-11)."""
_OWN_KEY = "_API_KEY"
"""How variables end that hold the key of one provider and nothing else: `GITHUB_TOKEN` is for much more."""


_TWIN = "-compatible"
"""How kinds end that are another door to a provider: one key makes one provider."""


def providers_from(environ: Mapping[str, str], catalogue: Catalogue) -> dict[str, ProviderSettings]:
    """Return the providers whose keys are in the environment, under the names of their kinds.

    OpenAI's own client also reads `OPENAI_BASE_URL`, with or without a key, and so do we.
    """
    found: dict[str, ProviderSettings] = {}
    base_url = environ.get("OPENAI_BASE_URL") or None
    for kind in ("openai", *catalogue.kinds()):
        row = catalogue.row(kind)
        if row is None or row.base_url is None or row.placeholders or kind.endswith(_TWIN):
            continue
        names = (name for name in row.key_env if name.endswith(_OWN_KEY))
        key = next((environ[name] for name in names if environ.get(name)), None)
        if key is not None:
            found.setdefault(kind, ProviderSettings(kind=kind, api_key=Secret(key)))
    if base_url is not None:
        openai = found.pop("openai", ProviderSettings(kind="openai"))
        found = {"openai": msgspec.structs.replace(openai, base_url=base_url), **found}
    return found


def placed(provider: ProviderSettings, environ: Mapping[str, str], catalogue: Catalogue) -> ProviderSettings:
    """Return the provider with what the environment says of it, where it says nothing itself.

    That is the region, where it needs one, and its key, where it is at its vendor's own address: a key goes
    nowhere else unasked.
    """
    row = catalogue.row(provider.kind)
    if row is None:
        return provider
    if row.credentials == "aws" and provider.region is None:
        region = next((environ[name] for name in _REGIONS if environ.get(name)), None)
        return msgspec.structs.replace(provider, region=region)
    if (
        row.credentials == "key"
        and provider.api_key is None
        and provider.base_url is None
        and not provider.headers
    ):
        key = next((environ[name] for name in row.key_env if environ.get(name)), None)
        return provider if key is None else msgspec.structs.replace(provider, api_key=Secret(key))
    return provider


def keyless(settings: Settings, catalogue: Catalogue) -> Iterator[str]:
    """Yield a note for each provider that will be asked without a key, though its vendor wants one."""
    for slug, provider in settings.providers.items():
        row = catalogue.row(provider.kind)
        asks = row is not None and row.credentials == "key" and row.base_url is not None and row.key_env
        if (
            row is not None
            and asks
            and provider.api_key is None
            and provider.base_url is None
            and not provider.headers
        ):
            names = " or ".join(row.key_env)
            yield f"the provider {slug} has no api_key, and {names} is not set: it is asked without one"
