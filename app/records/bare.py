"""The one row that is left of an exchange whose own rows cannot be made, or which the database refuses.

Never should there be one. But a record that is wrong in itself must neither be lost in silence nor keep the
others waiting: so it gets a row that nothing in it can spoil, whose `record_error` says why it stands alone.
"""

import re
import time
import uuid

from app.domain.exchange import ExchangeRecord, Outcome
from app.records import tables
from app.records.rows import Row, Rows
from app.records.values import fitted, moment

_STATUSES = range(100, 600)


def bare_rows(record: ExchangeRecord, reason: str) -> Rows:
    """Return the row of `exchanges` that stands alone.

    Args:
        record: anything of it may be wrong. An id that is no UUID is replaced by one made of it, the same
            each time.
        reason: name of the error.
    """
    started_ns = _usable(record.started_ns, time.time_ns())
    outcome = record.outcome if isinstance(record.outcome, Outcome) else Outcome.FAILED
    row: Row = dict.fromkeys(tables.exchanges.columns.keys())
    row |= dict.fromkeys(
        ("duration_ms", "upstream_ms", "overhead_ms", "chars_received", "chars_screened", "chars_released"), 0
    )
    row |= {
        "id": _usable_id(record.id),
        "started_at": moment(started_ns),
        "ended_at": moment(_usable(record.ended_ns, started_ns)),
        "trace_id": record.trace_id if re.fullmatch("[0-9a-f]{32}", str(record.trace_id)) else "",
        "span_id": record.span_id if re.fullmatch("[0-9a-f]{16}", str(record.span_id)) else "",
        "trace_sampled": bool(record.trace_sampled),
        "caller": fitted(str(record.caller), 64),
        "policy_version": fitted(str(record.policy_version), 128),
        "method": "",
        "path": "",
        "operation": fitted(str(record.operation), 16),
        "unscreened": bool(record.unscreened),
        "stream": bool(record.stream),
        "outcome": outcome.value,
        "status_code": record.status_code if record.status_code in _STATUSES else 500,
        "record_error": fitted(reason, 64),
    }
    return Rows(exchanges=(row,))


def _usable(ns: int, otherwise: int) -> int:
    return ns if isinstance(ns, int) and 0 <= ns < 2**62 else otherwise


def _usable_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(text)))
