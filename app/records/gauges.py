"""How the record is doing, at one moment: for metrics, for `/readyz`, and for whoever asks."""

import msgspec


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """Of one process. What ends in `_total` only grows."""

    under_way: int
    """Exchanges that were admitted and have not ended."""
    backlog: int
    """Exchanges, ended or begun, that are in memory only."""
    backlog_bytes: int
    kept_total: int
    """Those that are in the database or in the journal."""
    journal_entries: int
    """Those that wait in journals for the database, also in those of processes that died."""
    journal_bytes: int
    journal_max_bytes: int
    journal_oldest_s: float
    """How long the oldest of them has waited."""
    shipped_total: int
    """Those that went from a journal into the database."""
    turned_away_total: int
    """Exchanges that were not begun, because they could not have been kept."""
    database_away: bool
    """Whether the database has failed, or has not answered for too long."""
    journal_full: bool
    """Whether the journal is at its bound, or its disk refuses: nothing is admitted."""
