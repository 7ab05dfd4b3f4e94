"""The record as a Parquet file, a row an exchange: the flat rows of `export.py` with types.

Needs the extra `parquet`: arro3, the Rust implementation of Arrow and Parquet in 12 MB. pyarrow was weighed:
it does the same in 55 MB, and what it has beyond that nobody here needs.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import sqlalchemy as sa

from app.records import tables
from app.records.columns import MOMENT, USD
from app.records.export import FLAT_COLUMNS
from app.records.plain_rows import PlainRow
from app.records.reading import UnreadableRecord

_ROWS = 1_000
_CHARS = 32 * 1024 * 1024
"""Of bodies in one group of rows, which is held in memory: whatever bound is met first."""
_COMPRESSION = "zstd(3)"
_NEEDS = "Parquet needs the extra `parquet`: in a clone `.uv/bin/uv pip install -p .venv -e '.[parquet]'`"


def write_parquet(rows: Iterable[PlainRow], file: IO[bytes]) -> None:
    """Write flat rows to a file, group by group.

    Raises:
        UnreadableRecord: the extra is not installed, or the rows could not be had.
    """
    try:
        from arro3.core import DataType, Field, RecordBatch, RecordBatchReader, Schema  # noqa: PLC0415 (optional)
        from arro3.io import write_parquet as write  # noqa: PLC0415 (as above)
    except ImportError:
        raise UnreadableRecord(_NEEDS) from None
    kinds = {name: _kind(name, DataType) for name in FLAT_COLUMNS}
    schema = Schema([Field(name, kind, nullable=True) for name, (kind, _) in kinds.items()])
    failed: list[Exception] = []

    def batches() -> Iterator[RecordBatch]:
        try:
            for group in _groups(rows):
                columns = [_column(group, name, *kinds[name]) for name in FLAT_COLUMNS]
                yield RecordBatch.from_arrays(columns, schema=schema)
        except Exception as error:
            failed.append(error)
            raise

    try:
        write(
            RecordBatchReader.from_batches(schema, batches()),
            file,
            compression=_COMPRESSION,
            max_row_group_size=_ROWS,
        )
    except Exception:
        if failed:  # the writer tells what was raised as text only
            raise failed[0] from None
        raise


def _kind(name: str, types: Any) -> tuple[Any, Callable[[Any], Any] | None]:  # noqa: ANN401 (optional)
    """Return the type of a column, and what makes of a value one that can be cast to it."""
    column = tables.exchanges.columns.get(name)
    kind = sa.Text() if column is None else column.type
    if kind is MOMENT:
        return types.timestamp("us", tz="UTC"), _microseconds
    if kind is USD:
        return types.decimal128(24, 12), str
    match kind:
        case sa.Boolean():
            return types.bool(), None
        case sa.Integer():
            return types.int64(), None
        case sa.Double():
            return types.float64(), None
        case _:
            return types.large_utf8(), None


def _column(group: list[PlainRow], name: str, kind: Any, prepare: Callable[[Any], Any] | None) -> Any:  # noqa: ANN401
    from arro3.core import Array, DataType  # noqa: PLC0415 (optional)

    values = [row[name] for row in group]
    if prepare is None:
        return Array(values, kind)
    known = DataType.int64() if prepare is _microseconds else DataType.utf8()
    return Array([None if value is None else prepare(value) for value in values], known).cast(kind)


def _microseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def _groups(rows: Iterable[PlainRow]) -> Iterator[list[PlainRow]]:
    group: list[PlainRow] = []
    chars = 0
    for row in rows:
        group.append(row)
        chars += sum(len(row[name] or "") for name in ("request", "response"))
        if len(group) >= _ROWS or chars > _CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group
