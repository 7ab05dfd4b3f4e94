"""Moments as people say them: `2026-11-22`, `2026-11-22T20:51`, `90m` ago, `7d` ago, `today`."""

import re
from datetime import UTC, datetime, timedelta

from app.records.filters import BadQuestion
from app.records.plain_rows import moment_text

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"(\d{1,9})([smhdw])")


def asked_time(text: str, now: datetime, name: str | None = None) -> str:
    """Return a moment as the tables write it. Without an offset it is UTC, and so are days.

    Args:
        text: as somebody says it.
        now: that `7d` counts from.
        name: of what it was asked by.

    Raises:
        BadQuestion: it says no moment.
    """
    try:
        return moment_text(_moment(text.strip(), now.astimezone(UTC)))
    except (ValueError, OverflowError):
        raise BadQuestion(
            f"{text!r} is no moment: write 2026-11-22, 2026-11-22T20:51:00Z, today, yesterday, or how long "
            "ago: 90s, 15m, 2h, 7d, 4w",
            name,
        ) from None


def _moment(text: str, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match text:
        case "now":
            return now
        case "today":
            return midnight
        case "yesterday":
            return midnight - timedelta(days=1)
        case _:
            pass
    if ago := _AGO.fullmatch(text):
        return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
    said = datetime.fromisoformat(text)
    return said if said.tzinfo else said.replace(tzinfo=UTC)
