"""What models can be asked for: those in the configuration and those that the upstreams name.

Upstreams are asked all at once, rarely, and with little patience: one that fails costs its own models only.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from app.domain.errors import CallerError, HandrailError
from app.domain.ports import Provider
from app.routing.resolve import Routes
from telemetry import Log

_TIMEOUT_S = 5.0
_KEPT_S = 30.0
_KEPT_AFTER_FAILURE_S = 5.0


class ModelLister(Protocol):
    """An upstream that can name its models."""

    @property
    def slug(self) -> str:
        """As `Provider.slug`."""

    async def list_models(self) -> Sequence[Mapping[str, Any]]:
        """Return its list, objects with an `id` each, as it comes.

        Raises:
            UpstreamError: it did not give one.
        """


class ListedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model as OpenAI lists it."""

    id: str
    object: str = "model"
    created: int = 0
    """Unix time in seconds; 0 where the upstream does not say."""
    owned_by: str


class Listing:
    """The list, kept for a while and made once however many ask for it meanwhile.

    Args:
        listers: upstreams to ask, in the order of the configuration.
        configured: names of models by slug, listed whatever the upstream says.
        routes: decides whether a bare name would be understood.
        log: for upstreams that fail.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        listers: Sequence[ModelLister],
        configured: Mapping[str, tuple[str, ...]],
        routes: Routes,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listers = tuple(listers)
        self._configured = configured
        self._routes = routes
        self._log = log
        self._clock = clock
        self._making = asyncio.Lock()
        self._models: tuple[ListedModel, ...] = ()
        self._good_until_s = float("-inf")

    async def models(self) -> tuple[ListedModel, ...]:
        """Return every model as `@slug/model`, and under its bare name too where that is understood."""
        if self._clock() >= self._good_until_s:
            async with self._making:
                if self._clock() >= self._good_until_s:
                    await self._make()
        return self._models

    async def _make(self) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(lister)) for lister in self._listers]
        found: dict[str, ListedModel] = {}
        for lister, task in zip(self._listers, tasks, strict=True):
            for model in self._entries(lister.slug, task.result() or ()):
                found.setdefault(model.id, model)
        self._models = tuple(found.values())
        complete = all(task.result() is not None for task in tasks)
        self._good_until_s = self._clock() + (_KEPT_S if complete else _KEPT_AFTER_FAILURE_S)

    async def _ask(self, lister: ModelLister) -> Sequence[Mapping[str, Any]] | None:
        """Return what the upstream lists, None if it fails."""
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await lister.list_models()
        except TimeoutError:
            self._log.warning("models_not_listed", provider=lister.slug, error="timeout")
        except HandrailError as error:
            self._log.warning("models_not_listed", provider=lister.slug, error=error.code or error.status)
        return None

    def _entries(self, slug: str, listed: Sequence[Mapping[str, Any]]) -> list[ListedModel]:
        known: dict[str, Mapping[str, Any]] = {name: {} for name in self._configured.get(slug, ())}
        known |= {entry["id"]: entry for entry in listed if isinstance(entry.get("id"), str)}
        models: list[ListedModel] = []
        for name, entry in known.items():
            created, owner = entry.get("created"), entry.get("owned_by")
            model = ListedModel(
                id=f"@{slug}/{name}",
                created=created if isinstance(created, int) else 0,
                owned_by=owner if isinstance(owner, str) else slug,
            )
            models.append(model)
            if self._is_understood(name, slug):
                models.append(msgspec.structs.replace(model, id=name))
        return models

    def _is_understood(self, name: str, slug: str) -> bool:
        try:
            provider: Provider = self._routes.resolve(name).provider
        except CallerError:
            return False
        return provider.slug == slug and not name.startswith("@")
