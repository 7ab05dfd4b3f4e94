"""Bodies of an exchange as they were before they were encrypted, for whoever has the keys."""

import contextlib
from collections.abc import Iterable

import msgspec

from app.records.plain_rows import PlainRow
from app.records.protection import Protection, Unreadable
from app.records.queries import WholeExchange


def opened(whole: WholeExchange, protection: Protection) -> WholeExchange:
    """Return an exchange with its bodies decrypted; one whose key is not at hand stays as it is."""
    return msgspec.structs.replace(whole, payloads=tuple(opened_payloads(whole.payloads, protection)))


def opened_payloads(payloads: Iterable[PlainRow], protection: Protection) -> list[PlainRow]:
    """Return rows of `payloads` with their bodies decrypted, as `opened` does."""
    return [_opened(row, protection) for row in payloads]


def _opened(row: PlainRow, protection: Protection) -> PlainRow:
    if row["body"] is None or row["key_id"] is None:
        return row
    with contextlib.suppress(Unreadable):
        body = protection.decrypted(row["exchange_id"], row["kind"], row["body"], row["key_id"])
        return row | {"body": body, "key_id": None}
    return row
