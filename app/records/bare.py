"""The one row that is left of an exchange whose own rows cannot be made, or which the database refuses.

Never should there be one. But a record that is wrong in itself must neither be lost in silence nor keep the
others waiting: so it gets a row that nothing in it can spoil, whose `record_error` says why it stands alone.
"""

import re
import time
import uuid
from typing import Any

from app.domain.exchange import ExchangeRecord, Outcome
from app.records import tables
from app.records.rows import Row, Rows
from app.records.values import fitted, moment

_STATUSES = range(100, 600)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_COUNTS = ("duration_ms", "upstream_ms", "overhead_ms", "chars_received", "chars_screened", "chars_released")


def bare_rows(record: ExchangeRecord, reason: str) -> Rows:
    """Return the row of `exchanges` that stands alone.

    Args:
        record: anything of it may be wrong. An id that is no UUID is replaced by one made of it, the same
            each time.
        reason: name of the error.
    """
    started_ns = _usable(record.started_ns, time.time_ns())
    values = {
        "id": record.id,
        "started_at": moment(started_ns),
        "ended_at": moment(_usable(record.ended_ns, started_ns)),
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "trace_sampled": record.trace_sampled,
        "caller": record.caller,
        "policy_version": record.policy_version,
        "operation": record.operation,
        "unscreened": record.unscreened,
        "stream": record.stream,
        "outcome": record.outcome.value if isinstance(record.outcome, Outcome) else None,
        "status_code": record.status_code,
    }
    return _alone(values, reason)


def bare_of(rows: Rows, reason: str, *, has_ended: bool = True) -> Rows:
    """Return the same of an exchange whose rows were made and refused."""
    return _alone(dict(rows.exchanges[0]), reason, has_ended=has_ended)


def _alone(values: dict[str, Any], reason: str, *, has_ended: bool = True) -> Rows:
    started_at = _moment_of(values["started_at"], moment(time.time_ns()))
    outcome = values["outcome"] if values["outcome"] in tables.OUTCOMES else Outcome.FAILED.value
    row: Row = dict.fromkeys(tables.exchanges.columns.keys())
    row |= {
        "id": _usable_id(values["id"]),
        "started_at": started_at,
        "trace_id": _hex(values["trace_id"], 32),
        "span_id": _hex(values["span_id"], 16),
        "trace_sampled": bool(values["trace_sampled"]),
        "caller": fitted(str(values["caller"]), 64),
        "policy_version": fitted(str(values["policy_version"]), 128),
        "method": "",
        "path": "",
        "operation": fitted(str(values["operation"]), 16),
        "unscreened": bool(values["unscreened"]),
        "stream": bool(values["stream"]),
        "record_error": fitted(reason, 64),
    }
    if has_ended:
        row |= dict.fromkeys(_COUNTS, 0)
        row["ended_at"] = _moment_of(values["ended_at"], started_at)
        row["outcome"] = outcome
        row["status_code"] = values["status_code"] if values["status_code"] in _STATUSES else 500
    return Rows(exchanges=(row,))


def _moment_of(value: object, otherwise: str) -> str:
    return value if isinstance(value, str) and _MOMENT.fullmatch(value) else otherwise


def _hex(value: object, digits: int) -> str:
    return value if isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value) else ""


def _usable(ns: int, otherwise: int) -> int:
    return ns if isinstance(ns, int) and 0 <= ns < 2**62 else otherwise


def _usable_id(value: object) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(value)))
