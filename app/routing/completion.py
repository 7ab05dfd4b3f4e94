"""Completions for guardrails: a check asks a model by the providers there are, and past everything else.

No guardrail hears these questions, so none can ask itself; no config routes, retries or caches them. They are
not exchanges: nobody asked for them, and what is said in them is said already in the exchange that they are
about. So they are not on record, and what they cost is not counted.
"""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from app.domain.errors import CallerError, UpstreamBroken, UpstreamError, UpstreamRefused
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.routing.resolve import Routes, Target
from app.wire.openai.fold import Fold
from guardrails.remote.service import ServiceError, ServiceRefused, ServiceUnreachable, UnsoundAnswer


class Completions:
    """Asks models; a `guardrails.remote.service.Complete`.

    Args:
        routes: the providers.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def __call__(self, model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a completion; see `guardrails.remote.service.Complete`."""
        try:
            return await self._completed(model, body)
        except UpstreamError as error:
            raise _translated(error) from None
        except CallerError:  # the model is not known, or the provider cannot be asked for something
            raise ServiceError("it cannot be asked so") from None

    async def _completed(self, model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        target = self._routes.resolve(model)
        request = ModelRequest({**body, "model": model}, model)
        answer = target.provider.ask(request, target.model, attempt_at(target))
        fold = Fold()
        async with contextlib.aclosing(answer) as events:
            async for event in events:
                fold.add(event)
        return fold.document()


def attempt_at(target: Target) -> Attempt:
    """Return the attempt that a question is which belongs to no exchange."""
    provider = target.provider
    return Attempt(
        number=1,
        provider=provider.slug,
        provider_kind=provider.kind,
        model=target.model,
        server_address=provider.server_address,
        server_port=provider.server_port,
        started_ns=time.time_ns(),
    )


def _translated(error: UpstreamError) -> ServiceError:
    """Return the error in one word; what a provider says may quote what it was asked."""
    match error:
        case UpstreamRefused():
            return ServiceRefused(error.status)
        case UpstreamBroken():
            return UnsoundAnswer("is no completion, or half of one")
        case _:
            return ServiceUnreachable(type(error).__name__)
