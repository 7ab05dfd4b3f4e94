"""Which exchanges are meant, as parameters of a query: those of `handrail records list`."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.di import Provide
from litestar.params import Parameter

from app.domain.errors import InvalidRequest
from app.records.asked_times import asked_time
from app.records.filters import BadQuestion, Filter
from app.records.subjects import subjects_of
from app.secret import Secret

FILTERS = frozenset(field.name for field in msgspec.structs.fields(Filter))
"""Their names."""

_Values = list[str] | None
_Any = "May be given again: any of them."


def asking_filters(key: Secret | None) -> dict[str, Provide]:
    """Return the dependency `asked` of a route: the filter that the query says.

    Args:
        key: `fingerprint_key`, under which persons may stand on record.
    """

    def filter_of(  # noqa: PLR0913 (each is a parameter of the query)
        since: Annotated[str | None, Parameter(description="2026-11-22T20:51:00Z, today, 90m, 7d")] = None,
        until: Annotated[str | None, Parameter(description="Before this moment.")] = None,
        caller: Annotated[_Values, Parameter(description=f"Name of the gateway key. {_Any}")] = None,
        outcome: Annotated[_Values, Parameter(description=f"ok, blocked_input, ..., begun. {_Any}")] = None,
        provider: Annotated[_Values, Parameter(description=_Any)] = None,
        model: Annotated[_Values, Parameter(description=_Any)] = None,
        guardrail: Annotated[_Values, Parameter(description=f"It gave a verdict. {_Any}")] = None,
        decision: Annotated[_Values, Parameter(description=f"Of it, or of any. {_Any}")] = None,
        subject: Annotated[_Values, Parameter(description=f"_user of the metadata. {_Any}")] = None,
        trace: Annotated[str | None, Parameter(description="Trace id, ours or the caller's own.")] = None,
        error: Annotated[str | None, Parameter(description="Stands in the error.")] = None,
    ) -> Filter:
        now = datetime.now(UTC)
        try:
            return Filter(
                since=None if since is None else asked_time(since, now, "since"),
                until=None if until is None else asked_time(until, now, "until"),
                caller=tuple(caller or ()),
                outcome=tuple(outcome or ()),
                provider=tuple(provider or ()),
                model=tuple(model or ()),
                guardrail=tuple(guardrail or ()),
                decision=tuple(decision or ()),
                subject=tuple(one for name in subject or () for one in subjects_of(name, key)),
                trace=trace,
                error=error,
            )
        except BadQuestion as bad:
            raise InvalidRequest(f"This cannot be asked: {bad}.", param=bad.name) from None

    return {"asked": Provide(filter_of, sync_to_thread=False)}


def require_known(request: Request[Any, Any, Any], known: Collection[str]) -> None:
    """Make sure that no filter is misspelt: it would let pass what it was to keep out."""
    for name in request.query_params:
        if name not in known:
            raise InvalidRequest(f"There is no parameter {name[:64]!r}; see /docs.", param=name[:64])
