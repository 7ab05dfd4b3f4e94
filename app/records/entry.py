"""What goes on record at once about one exchange: that it has begun, or what has become of it.

An entry holds finished rows: redacted, and whatever else must be done to them before anything of them may be
written to a disk. So it can wait in the journal (`journal.py`) as it is, and be read by a later version:
columns that version has not are passed over, those it has more are NULL.

The row of an exchange that has begun holds what is known then, and NULL for all that only its end brings.
The request stands beside it; verdicts do not, for guardrails may still be heard.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from app.domain.exchange import ExchangeRecord
from app.records.bare import bare_of, bare_rows
from app.records.rows import Capture, Rows, rows_of

_KNOWN_AT_THE_END = (
    "ended_at",
    "provider",
    "model",
    "outcome",
    "status_code",
    "error_type",
    "error_code",
    "error_param",
    "error_message",
    "duration_ms",
    "upstream_ms",
    "overhead_ms",
    "time_to_first_token_ms",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cache_write_tokens",
    "cost_usd",
    "cache_status",
    "chars_received",
    "chars_screened",
    "chars_released",
)
_BYTES_BESIDE_BODIES = 4096
"""Of an entry, about: all that is neither request nor answer."""


class Entry(msgspec.Struct, frozen=True):
    """One exchange that has begun or ended, as its rows."""

    id: str
    kind: Literal["begun", "ended"]
    rows: Rows
    follows: bool = False
    """Whether this end follows a beginning that was written down."""
    is_bare: bool = False
    """Whether it is what is left of rows that were refused."""

    @property
    def size_bytes(self) -> int:
        """About how large it is in memory."""
        bodies = (payload["body"] for payload in self.rows.payloads)
        return _BYTES_BESIDE_BODIES + sum(len(body) for body in bodies if isinstance(body, str))


def begun(record: ExchangeRecord, capture: Capture) -> Entry:
    """Return that an exchange has begun. May raise anything, as `rows_of`."""
    rows = rows_of(record, capture)
    row = rows.exchanges[0] | dict.fromkeys(_KNOWN_AT_THE_END)
    requests = tuple(payload for payload in rows.payloads if payload["kind"] == "request")
    return Entry(record.id, "begun", Rows(exchanges=(row,), payloads=requests))


def ended(record: ExchangeRecord, capture: Capture, *, follows: bool) -> Entry:
    """Return what has become of an exchange. May raise anything, as `rows_of`."""
    return Entry(record.id, "ended", rows_of(record, capture), follows)


def bare_end(record: ExchangeRecord, reason: str, *, follows: bool) -> Entry:
    """Return what is left of an exchange whose rows cannot be made."""
    return Entry(record.id, "ended", bare_rows(record, reason), follows, is_bare=True)


def bare(entry: Entry, reason: str) -> Entry:
    """Return what is left of an entry that was refused."""
    rows = bare_of(entry.rows, reason, has_ended=entry.kind == "ended")
    return msgspec.structs.replace(entry, rows=rows, is_bare=True)


encode: Callable[[Entry], bytes] = msgspec.msgpack.Encoder().encode
"""Raises OverflowError, TypeError or UnicodeEncodeError for values that no database takes either."""
decode: Callable[[bytes], Entry] = msgspec.msgpack.Decoder(Entry).decode
"""Raises `msgspec.DecodeError` for what is no entry."""
