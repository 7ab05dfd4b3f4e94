"""`GET /v1/models`: what can be asked for, in OpenAI's format."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from app.domain.errors import UnknownModel
from app.routing.listing import ListedModel, Listing

_SHOWN = 80
"""Characters of an unknown model that an error repeats."""


class ModelList(msgspec.Struct, frozen=True):
    """OpenAI's list object."""

    data: tuple[ListedModel, ...]
    object: str = "list"


def model_routes(listing: Listing) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/v1/models", summary="List models", tags=["models"])
    async def list_models() -> ModelList:
        """List the models of all providers, as `@provider/model` and by bare name where that is enough."""
        return ModelList(await listing.models())

    @get("/v1/models/{model:path}", summary="Look up a model", tags=["models"])
    async def retrieve_model(
        model: Annotated[str, Parameter(description="May hold slashes.")],
    ) -> ListedModel:
        """Return one model of the list."""
        wanted = model.removeprefix("/")
        for listed in await listing.models():
            if listed.id == wanted:
                return listed
        raise UnknownModel(f"There is no model {wanted[:_SHOWN]!r}; see GET /v1/models.", param="model")

    return [list_models, retrieve_model]
