import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from arro3.io import read_parquet

from app.records import parquet
from app.records.export import FLAT_COLUMNS, flat_rows
from app.records.filters import Filter
from app.records.parquet import write_parquet
from app.records.plain_rows import PlainRow
from app.records.reading import Reading, UnreadableRecord
from tests.exchanges import exchange
from tests.recorded import put, reading

__all__ = ["reading"]


def test_a_file_of_parquet_has_typed_columns(
    reading: Reading, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_ROWS", 2)
    exchanges = [exchange(cost_usd=None if i else Decimal("0.0000125")) for i in range(5)]
    put(engine, *exchanges)
    with reading.connect() as connection, (tmp_path / "x.parquet").open("wb") as file:
        write_parquet(flat_rows(connection, Filter(), lambda _: None), file)
    found = read_parquet(tmp_path / "x.parquet").read_all()
    assert found.column_names == [*FLAT_COLUMNS]
    columns: dict[str, Any] = {
        name: found[name].to_pylist() for name in ("id", "started_at", "cost_usd", "stream")
    }
    assert sorted(columns["id"]) == sorted(one.id for one in exchanges)
    assert columns["started_at"][0] == datetime(2026, 11, 22, 20, 51, 52, 123456, tzinfo=UTC)
    assert sorted(columns["cost_usd"], key=str) == [Decimal("0.000012500000"), None, None, None, None]
    assert columns["stream"] == [True] * 5


def test_what_breaks_the_rows_breaks_the_file(tmp_path: Path) -> None:
    def rows() -> Iterator[PlainRow]:
        yield from ()
        raise UnreadableRecord("gone")

    with (tmp_path / "x.parquet").open("wb") as file, pytest.raises(UnreadableRecord, match="gone"):
        write_parquet(rows(), file)


def test_without_the_extra_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arro3.io", None)
    with pytest.raises(UnreadableRecord, match=r"uv pip install -p \.venv -e '\.\[parquet\]'"):
        write_parquet((), io.BytesIO())
