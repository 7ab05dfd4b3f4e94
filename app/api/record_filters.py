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


class AskedFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which exchanges, as somebody says it; see `app/records/filters.py`."""

    since: str | None = None
    until: str | None = None
    caller: _Values = None
    outcome: _Values = None
    provider: _Values = None
    model: _Values = None
    guardrail: _Values = None
    decision: _Values = None
    subject: _Values = None
    trace: str | None = None
    error: str | None = None

    def filter(self, key: Secret | None, path: str = "") -> Filter:
        """Return the filter.

        Args:
            key: `fingerprint_key`, under which persons may stand on record.
            path: where it stands, with a dot at its end, for errors.

        Raises:
            InvalidRequest: it cannot be asked; `param` names what is wrong.
        """
        now = datetime.now(UTC)
        try:
            return Filter(
                since=None if self.since is None else asked_time(self.since, now, "since"),
                until=None if self.until is None else asked_time(self.until, now, "until"),
                caller=tuple(self.caller or ()),
                outcome=tuple(self.outcome or ()),
                provider=tuple(self.provider or ()),
                model=tuple(self.model or ()),
                guardrail=tuple(self.guardrail or ()),
                decision=tuple(self.decision or ()),
                subject=tuple(one for name in self.subject or () for one in subjects_of(name, key)),
                trace=self.trace,
                error=self.error,
            )
        except BadQuestion as bad:
            param = None if bad.name is None else f"{path}{bad.name}"
            raise InvalidRequest(f"This cannot be asked: {bad}.", param=param) from None


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
        return AskedFilter(
            since=since,
            until=until,
            caller=caller,
            outcome=outcome,
            provider=provider,
            model=model,
            guardrail=guardrail,
            decision=decision,
            subject=subject,
            trace=trace,
            error=error,
        ).filter(key)

    return {"asked": Provide(filter_of, sync_to_thread=False)}


def require_known(request: Request[Any, Any, Any], known: Collection[str]) -> None:
    """Make sure that no filter is misspelt: it would let pass what it was to keep out."""
    for name in request.query_params:
        if name not in known:
            raise InvalidRequest(f"There is no parameter {name[:64]!r}; see /docs.", param=name[:64])
