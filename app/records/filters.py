"""Which exchanges are asked for. Pure: from what somebody says to conditions on rows of `exchanges`."""

from typing import Any

import msgspec
import sqlalchemy as sa

from app.records.tables import OUTCOMES, exchanges, verdicts
from guardrails.verdict import Decision

BEGUN = "begun"
"""As an outcome: it has none yet."""
_DECISIONS = tuple(decision.value for decision in Decision)
_MAX_VALUES = 100
_MAX_CHARS = 2048
_TRACE_DIGITS = 32


class BadQuestion(ValueError):
    """What is asked for cannot be: the message says which word is wrong, and what could stand there.

    Args:
        message: that.
        name: of what was asked by, where one is wrong.
    """

    def __init__(self, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What must be true of an exchange; of several values of one kind, one. Nothing: any exchange."""

    since: str | None = None
    """Started at this moment or later; as the tables write it, see `asked_times.py`."""
    until: str | None = None
    """Started before this moment."""
    caller: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    """Of `tables.OUTCOMES`, or `begun`."""
    provider: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    """As it was asked for, or as the provider calls it."""
    guardrail: tuple[str, ...] = ()
    """One of these gave a verdict; with `decision`, one of those."""
    decision: tuple[str, ...] = ()
    trace: str | None = None
    """The trace id in our own form, 32 hex digits, or any other that the caller gave."""
    subject: tuple[str, ...] = ()
    """As it stands on record: `Protection.subject` says how."""
    error: str | None = None
    """Stands somewhere in the error's type, code or message, in capitals or not."""

    def __post_init__(self) -> None:
        """Make sure that it can be asked.

        Raises:
            BadQuestion: it can not.
        """
        _require_known("outcome", self.outcome, (*OUTCOMES, BEGUN))
        _require_known("decision", self.decision, _DECISIONS)
        for name, value in msgspec.structs.asdict(self).items():
            values = value if isinstance(value, tuple) else (value or "",)
            if len(values) > _MAX_VALUES or any(len(one) > _MAX_CHARS or "\0" in one for one in values):
                raise BadQuestion(f"{name} is longer than can be looked for, or holds what no row does", name)


def conditions(asked: Filter) -> list[sa.ColumnElement[bool]]:
    """Return what must hold of a row of `exchanges`."""
    columns = exchanges.c
    found = within(asked, columns.started_at)
    found += [
        columns[name].in_(values)
        for name in ("caller", "provider", "subject")
        if (values := getattr(asked, name))
    ]
    if asked.outcome:
        named = columns.outcome.in_([one for one in asked.outcome if one != BEGUN])
        found.append(named | columns.outcome.is_(None) if BEGUN in asked.outcome else named)
    if asked.model:
        found.append(columns.model.in_(asked.model) | columns.requested_model.in_(asked.model))
    if asked.guardrail or asked.decision:
        found.append(_decided(asked))
    if asked.trace is not None:
        found.append(_traced(asked.trace))
    if asked.error is not None:
        places = (columns.error_message, columns.error_code, columns.error_type)
        found.append(sa.or_(*(place.icontains(asked.error, autoescape=True) for place in places)))
    return found


def within(asked: Filter, started_at: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
    """Return what must hold of the moment in which an exchange began."""
    found: list[sa.ColumnElement[bool]] = []
    if asked.since is not None:
        found.append(started_at >= asked.since)
    if asked.until is not None:
        found.append(started_at < asked.until)
    return found


def is_only_time(asked: Filter) -> bool:
    """Whether nothing but the moment is asked for."""
    return asked == Filter(since=asked.since, until=asked.until)


def _decided(asked: Filter) -> sa.ColumnElement[bool]:
    columns = verdicts.c
    where = [
        columns.exchange_id == exchanges.c.id,
        columns.exchange_started_at == exchanges.c.started_at,
        *within(asked, columns.exchange_started_at),
    ]
    if asked.guardrail:
        where.append(columns.guardrail.in_(asked.guardrail))
    if asked.decision:
        where.append(columns.decision.in_(asked.decision))
    return sa.exists().where(*where)


def _traced(trace: str) -> sa.ColumnElement[bool]:
    columns = exchanges.c
    is_ours = len(trace) == _TRACE_DIGITS and not set(trace) - set("0123456789abcdef")
    return columns.trace_id == trace if is_ours else columns.caller_trace_id == trace


def _require_known(name: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            raise BadQuestion(f"{name} {value!r} is none of {', '.join(known)}", name)
