"""Vectors for the cache: a text's, by the providers there are, and past everything else.

As `app/routing/completion.py` asks for guardrails: nobody is asked before, nothing goes on record, for the
text is that of an exchange that is. So whatever gives embeddings to callers gives them to the cache.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence

from app.domain.errors import UpstreamBroken
from app.domain.events import Embedded
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.routing.completion import attempt_at
from app.routing.resolve import Routes


def embedder(routes: Routes, model: str) -> Callable[[str], Awaitable[Sequence[float]]]:
    """Return what turns a text into its vector.

    Args:
        routes: the providers.
        model: `@provider/model`.

    Returns:
        A function that raises what can go wrong with an attempt.
    """

    async def vector(text: str) -> Sequence[float]:
        target = routes.resolve(model)
        document = {"model": model, "input": text, "encoding_format": "float"}
        request = ModelRequest(document, model, operation=Operation.EMBEDDINGS)
        answer = target.provider.ask(request, target.model, attempt_at(target))
        async with contextlib.aclosing(answer) as events:
            async for event in events:
                if isinstance(event, Embedded) and isinstance(event.vector, list):
                    return event.vector
        raise UpstreamBroken("The provider sent no vector.")

    return vector
