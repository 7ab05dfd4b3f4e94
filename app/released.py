"""What of an answer may be released, event by event: a provider's events through `Screening`, to the end."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from app.domain.events import Event, ProviderEvent, TextDelta
from app.domain.json_placeholders import Quoter
from app.domain.model_request import ModelRequest
from app.screening import Screening

_JSON_FORMATS = frozenset({"json_object", "json_schema"})


async def screened(
    answer: AsyncGenerator[ProviderEvent], screening: Screening, request: ModelRequest
) -> AsyncGenerator[Event]:
    """Yield what of an answer may be released; `Blocked` comes last, if a guardrail ends it.

    An answer that was asked for as JSON stays JSON where a number is redacted.
    """
    quoters: dict[int, Quoter] | None = {} if _is_json(request) else None
    async with aclosing(answer) as upstream:
        async for event in upstream:
            for released in await screening.feed(event):
                yield _quoted(released, quoters)
            if screening.blocked is not None:
                break
    for released in await screening.close():
        yield _quoted(released, quoters)
    if screening.blocked is not None:
        yield screening.blocked


def _is_json(request: ModelRequest) -> bool:
    wanted = request.document.get("response_format")
    return isinstance(wanted, dict) and wanted.get("type") in _JSON_FORMATS


def _quoted(event: ProviderEvent, quoters: dict[int, Quoter] | None) -> ProviderEvent:
    if quoters is None or not isinstance(event, TextDelta) or event.channel != "content":
        return event
    text = quoters.setdefault(event.choice, Quoter()).feed(event.text)
    return event if text == event.text else msgspec.structs.replace(event, text=text)
