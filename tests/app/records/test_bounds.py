from app.records import tables
from app.records.bounds import bounds_of, fitting


def test_texts_are_cut_at_the_bounds_of_their_columns_and_cleaned() -> None:
    bounds = dict(bounds_of(tables.exchanges))
    assert (bounds["caller"], bounds["error_message"]) == (64, 2048)
    assert {"id", "started_at", "metadata", "outcome", "stream"}.isdisjoint(bounds)
    row = {"caller": "x" * 65, "provider": "a\0b", "model": None, "path": "caf\u00e9"}
    made = fitting(row, tuple((name, bounds[name]) for name in row))
    assert made == {"caller": "x" * 63 + "\u2026", "provider": "a\ufffdb", "model": None, "path": "caf\u00e9"}
    assert made is row
