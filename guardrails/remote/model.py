"""The model that a check asks: one of the host's own providers, or a server that speaks OpenAI's format.

model: "@guards/meta-llama/Llama-Guard-4-12B"      # a provider of the host, past all guardrails

url: http://guard:8000/v1                          # or a server, by its base URL
model: meta-llama/Llama-Guard-4-12B
api_key: ${GUARD_KEY}
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from guardrails.decoding import ConfigError
from guardrails.remote.completion import Completion, Said, completion, said
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.service import Services
from guardrails.remote.settings import RemoteSettings, ServiceSettings

_OF_THE_HOST = "@"


class ModelSettings(RemoteSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a remote check that asks a model."""

    model: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    """`@slug/name` for one of the host's; else as the server at `url` calls it."""
    url: str | None = None
    """Base URL of a server: it is asked at `/chat/completions`."""
    api_key: str | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)


class Model:
    """A model, wherever it is.

    Args:
        settings: of the check.
        path: of its configuration, for errors.
        services: how it is reached.

    Raises:
        ConfigError: it is neither one of the host's nor one at an address, or is both.
    """

    def __init__(self, settings: ModelSettings, path: str, services: Services) -> None:
        self._name = settings.model
        self._complete = services.complete
        self._endpoint: Endpoint | None = None
        if settings.url is not None:
            there = ServiceSettings(url=settings.url, api_key=settings.api_key, headers=settings.headers)
            self._endpoint = Endpoint(there, path, services.send, route="/chat/completions")
        elif not settings.model.startswith(_OF_THE_HOST):
            raise ConfigError(f"{path}.model", "name a provider, as in @openai/gpt-4.1-mini, or give a url")
        elif settings.api_key is not None or settings.headers:
            raise ConfigError(f"{path}.url", "is missing: api_key and headers are for a server of its own")
        if self._endpoint is not None and settings.model.startswith(_OF_THE_HOST):
            raise ConfigError(f"{path}.model", "names a provider, and there is a url; leave one of them out")

    async def say(self, body: Mapping[str, Any]) -> Said:
        """Return what it says to a chat completion request without `model`.

        Raises:
            ServiceError: it could not be asked, or said nothing.
        """
        if self._endpoint is not None:
            return said(await self._endpoint.ask({**body, "model": self._name}, Completion))
        return said(completion(await self._complete(self._name, body)))
