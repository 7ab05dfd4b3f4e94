"""One run of all features of all kinds against one service; each is tried once and remembered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import openai

from tests.features.asking import Asking, Refused
from tests.features.cases import FEATURES, Outcome
from tests.features.models import BASE_MODELS, model_for
from tests.features.vendors import IMAGE_PATH, Vendors, configuration
from tests.servers import serve
from tests.upstreams import Upstream


class Run:
    """The run; made by `running`.

    Args:
        client: of the service.
        vendors: behind it.
        image_url: of an image that the service may fetch.
    """

    def __init__(self, client: openai.AsyncOpenAI, vendors: Vendors, image_url: str) -> None:
        self._client = client
        self._vendors = vendors
        self._image_url = image_url
        self._known: dict[tuple[str, str], Outcome] = {}

    async def outcome(self, kind: str, feature: str) -> Outcome:
        """Return how this kind has the feature, whole and streamed alike."""
        found = self._known.get((kind, feature))
        if found is None:
            model = model_for(kind, feature)
            whole = await self._tried(kind, feature, model, stream=False)
            found = await self._tried(kind, feature, model, stream=True)
            assert whole == found, f"whole {whole}, but streamed {found}"
            self._known[kind, feature] = found
        return found

    async def outcomes(self, kind: str, model: str, *, stream: bool) -> dict[str, Outcome]:
        """Return how a model has each feature."""
        return {feature: await self._tried(kind, feature, model, stream=stream) for feature in FEATURES}

    def asking(self, kind: str, model: str, *, stream: bool) -> Asking:
        """Return what asks this model."""
        return Asking(self._client, self._vendors, kind, model, stream=stream)

    async def _tried(self, kind: str, feature: str, model: str, *, stream: bool) -> Outcome:
        ask = self.asking(kind, model, stream=stream)
        try:
            return await FEATURES[feature](ask, self._image_url)
        except Refused as refused:
            return Outcome("refused", f"400 `unsupported_parameter`, naming `{refused.param}`")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Run]:
    """Run the vendors and the service until the block ends.

    Args:
        folder: an empty one.
    """
    vendors = Vendors()
    async with Upstream(vendors, path="") as upstream:
        with serve(configuration(upstream.port, BASE_MODELS), folder) as service:
            async with openai.AsyncOpenAI(
                base_url=f"{service.url}/v1", api_key="of-the-caller", max_retries=0
            ) as client:
                yield Run(client, vendors, f"{upstream.base_url}{IMAGE_PATH}")
