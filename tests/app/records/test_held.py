import pytest
import sqlalchemy as sa

from app.records import tables
from app.records.held import is_held
from tests.exchanges import STARTED_NS, exchange
from tests.recorded import put

ID, OTHER = (f"0193c0de-0000-7000-8000-00000000000{n}" for n in (1, 2))
HOLD = {"id": OTHER, "created_at": "2026-11-23T00:00:00.000000Z", "created_by": "x", "reason": "y"}


@pytest.mark.parametrize("by_row", [True, False])
@pytest.mark.parametrize(
    ("what", "held"),
    [
        ({"exchange_id": ID}, True),
        ({"exchange_id": OTHER}, False),
        ({"subject": "ada"}, True),
        ({"subject": "bob"}, False),
        ({"held_from": "2026-11-22T00:00:00.000000Z"}, True),
        ({"held_from": "2026-11-23T00:00:00.000000Z"}, False),
        ({"held_until": "2026-11-23T00:00:00.000000Z"}, True),
        ({"held_until": "2026-11-22T00:00:00.000000Z"}, False),
        ({"subject": "ada", "released_at": "2026-11-23T00:00:00.000000Z"}, False),
    ],
)
def test_a_hold_is_about_what_it_names(
    engine: sa.Engine, what: dict[str, str], held: bool, by_row: bool
) -> None:
    put(engine, exchange(id=ID, started_ns=STARTED_NS, metadata={"_user": "ada"}))
    table = tables.exchanges.c
    condition = is_held(table.id, table.started_at, table.subject if by_row else None)
    with engine.begin() as connection:
        connection.execute(sa.insert(tables.holds), HOLD | what)
        assert connection.scalar(sa.select(condition).select_from(tables.exchanges)) is held
