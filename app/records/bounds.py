"""Texts of rows, cut and cleaned so that they fit their columns (`rows.py` says how)."""

from typing import Any

import sqlalchemy as sa

from app.records.columns import MOMENT, UUID
from app.records.values import fitted

Bounds = tuple[tuple[str, int], ...]
"""Columns, and the lengths of their texts."""
_OWN_TEXTS = frozenset(
    {"metadata", "operation", "outcome", "side", "decision", "action", "mode", "cache_status", "record_error"}
)
"""Columns whose texts are written in `rows.py`, so that they fit."""


def bounds_of(table: sa.Table) -> Bounds:
    """Return the text columns of a table, with their bounds, that hold what others wrote."""
    return tuple(
        (column.name, column.type.length)
        for column in table.columns
        if isinstance(column.type, sa.String)
        and column.type.length is not None
        and column.type not in {MOMENT, UUID}
        and column.name not in _OWN_TEXTS
    )


def fitting(row: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    """Cut and clean the texts of a row, in place, and return it."""
    for name, bound in bounds:
        text = row[name]
        if text is not None and (len(text) > bound or not text.isascii() or "\0" in text):
            row[name] = fitted(text, bound)
    return row
