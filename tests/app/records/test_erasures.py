"""Each erasure is told of once, whoever makes it and whatever his clock says."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records.changes import Changes
from app.records.erasure import erase
from app.records.erasures import Erasures
from app.records.reading import UnreadableRecord
from app.records.values import moment
from app.records.whose import Whose
from tests.databases import select
from tests.proven_records import ProvenRecord


@pytest.fixture
def erasures(engine: sa.Engine, database_url: str) -> Iterator[Erasures]:
    assert engine.dialect.name in database_url
    told = Erasures(database_url)
    yield told
    told.close()


def noted(url: str, kind: str, at_s: float | None = None) -> None:
    with contextlib.closing(Changes(url, "somebody")) as changes, changes.change() as change:
        change.at = change.at if at_s is None else moment(int(at_s * 1e9))
        change.note(kind, {})


def test_an_erasure_is_told_of_once_with_its_moment(erasures: Erasures, database_url: str) -> None:
    assert erasures.new() is None
    noted(database_url, "erased")
    new = erasures.new()
    assert new is not None
    assert abs(new.at_s - time.time()) < 60
    assert erasures.new() is None
    noted(database_url, "retained")
    assert erasures.new() is None


@pytest.mark.parametrize("late_s", [-3000, 3000])
def test_another_clock_hides_no_erasure(erasures: Erasures, database_url: str, late_s: int) -> None:
    noted(database_url, "erased")
    assert erasures.new() is not None
    noted(database_url, "erased", time.time() + late_s)
    assert erasures.new() is not None
    assert erasures.new() is None


def test_the_last_one_is_told_of_first_however_old(erasures: Erasures, database_url: str) -> None:
    noted(database_url, "erased", 1_500_000_000)
    noted(database_url, "erased", 1_600_000_000)
    first = erasures.new()
    assert first is not None
    assert first.at_s == 1_600_000_000
    assert erasures.new() is None
    noted(database_url, "erased")
    assert erasures.new() is not None


def test_a_record_that_is_away_is_said(tmp_path: Path) -> None:
    nowhere = Erasures(f"sqlite:///{tmp_path}/none.db")
    with contextlib.closing(nowhere), pytest.raises(UnreadableRecord):
        nowhere.new()


def test_an_erasure_that_finds_nothing_is_an_event_too(
    engine: sa.Engine, database_url: str, tmp_path: Path
) -> None:
    ProvenRecord(engine)
    with contextlib.closing(Changes(database_url, "cli ann")) as changes:
        erase(changes, Whose(subjects=("nobody",), name="nobody"), tmp_path, dry_run=True)
        assert select(engine, "SELECT id FROM record_events WHERE kind = 'erased'") == []
        erase(changes, Whose(subjects=("nobody",), name="nobody"), tmp_path)
    events = select(engine, "SELECT exchanges, detail FROM record_events WHERE kind = 'erased'")
    assert events == [{"exchanges": 0, "detail": '{"by":"subject"}'}]
