from pathlib import Path

import pytest

from app.domain.errors import Overloaded, RecordsBusy
from app.recording import record_redactor
from app.records import migrate
from app.records.engine import open_engine
from app.records.filters import Filter
from app.records.protection import Protection
from app.replaying.replay_desk import ReplayDesk
from app.replaying.sent_candidate import sent_candidate
from tests.databases import sqlite_url
from tests.exchanges import exchange
from tests.recorded import put

__all__ = ["sqlite_url"]
WORDS = {"words": {"on": ["input"], "checks": [{"words": {"deny": ["x"]}}], "action": "block"}}
ASKED = {"candidate": sent_candidate(WORDS, {}, "candidate"), "asked": Filter(), "most": None, "samples": 1}


def test_one_replays_at_a_time_and_its_place_is_given_back(sqlite_url: str) -> None:
    migrate.upgrade(sqlite_url)
    engine = open_engine(sqlite_url)
    put(engine, exchange())
    engine.dispose()
    desk = ReplayDesk(sqlite_url, Protection(), record_redactor)
    asked: list[str] = []

    def is_wanted() -> bool:
        with pytest.raises(RecordsBusy, match="Others replay"):
            desk.replay(lambda: True, **ASKED)  # type: ignore[arg-type]  # of several types
        asked.append("again")
        return True

    assert desk.replay(is_wanted, **ASKED)["exchanges"] == 1  # type: ignore[arg-type]  # as above
    assert asked
    with pytest.raises(Overloaded, match="was ended"):
        desk.replay(lambda: False, **ASKED)  # type: ignore[arg-type]  # as above
    assert desk.replay(lambda: True, **ASKED)["exchanges"] == 1  # type: ignore[arg-type]  # as above
    desk.close()


def test_a_record_that_is_not_there_is_said_without_saying_where(tmp_path: Path) -> None:
    desk = ReplayDesk(f"sqlite:///{tmp_path}/r.db", Protection(), record_redactor)
    with pytest.raises(Overloaded) as caught:
        desk.replay(lambda: True, **ASKED)  # type: ignore[arg-type]  # as above
    assert str(tmp_path) not in str(caught.value)
