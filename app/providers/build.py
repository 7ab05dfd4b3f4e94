"""From a provider's settings to its adapter, by kind."""

import httpx

from app.providers.openai import OpenAIProvider
from app.settings import ProviderSettings

KINDS = {"openai": OpenAIProvider}


def build(slug: str, settings: ProviderSettings, transport: httpx.AsyncBaseTransport) -> OpenAIProvider:
    """Return the provider of this name.

    Args:
        slug: its name in the configuration.
        settings: where and how.
        transport: shared by all providers; whoever made it closes it.

    Raises:
        ValueError: a setting is impossible; the message names it, and no secret.
    """
    return KINDS[settings.kind](slug, settings, transport)
