"""What the environment says of providers: which there are, if no file says it, and where a cloud's are."""

from collections.abc import Mapping

import msgspec

from app.catalogue.catalogue import Catalogue
from app.settings import ProviderSettings, Secret

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
    """Return the provider with the region that the environment names, where it needs one and has none."""
    row = catalogue.row(provider.kind)
    if row is None or row.credentials != "aws" or provider.region is not None:
        return provider
    region = next((environ[name] for name in _REGIONS if environ.get(name)), None)
    return msgspec.structs.replace(provider, region=region)
