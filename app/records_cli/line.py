"""An exchange in one line: the cells of `list` and `tail`."""

from app.records.filters import BEGUN
from app.records.plain_rows import PlainRow

NAMES = (
    "started (UTC)",
    "exchange",
    "caller",
    "model",
    "outcome",
    "status",
    "ms",
    "tokens",
    "USD",
    "guardrails",
)
SHORT_NAMES = (NAMES[0], "trace", *NAMES[2:])
WIDTHS = (19, 12, 10, 24, 14, 6, 6, 8, 8, 20)
"""For lines that come one by one, so that nobody knows how wide the next ones are."""


def names(width: int | None) -> tuple[str, ...]:
    """Return the names of the columns; with a terminal's width those of short cells."""
    return NAMES if width is None else SHORT_NAMES


def cells(row: PlainRow, width: int | None) -> tuple[str, ...]:
    """Return the cells of a row that `queries.page` gave.

    A terminal's line has no room for an exchange's id; twelve digits of the trace id find it as well.
    """
    model = row["model"] or row["requested_model"] or ""
    tokens = (row["prompt_tokens"], row["completion_tokens"])
    said = ", ".join(row["fired"])
    if row["feedback"]:
        said = f"{said} feedback {', '.join(f'{value:+}' for value in row['feedback'])}".strip()
    return (
        row["started_at"][: 23 if width is None else 19].replace("T", " "),
        row["id"] if width is None else row["trace_id"][:12],
        row["caller"],
        f"@{row['provider']}/{model}" if row["provider"] else model,
        row["outcome"] or BEGUN,
        _number(row["status_code"]),
        "" if row["duration_ms"] is None else f"{row['duration_ms']:,.0f}",
        "" if tokens == (None, None) else "+".join(map(_number, tokens)),
        "" if row["cost_usd"] is None else f"{row['cost_usd']:.6f}",
        said,
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
