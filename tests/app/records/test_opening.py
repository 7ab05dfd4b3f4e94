import json
import os

import sqlalchemy as sa

from app.records.canonical import event_digest
from app.records.inserts import Inserts
from app.records.opening import open_chain
from app.records.protection import Protection
from app.records.rows import Capture, rows_of
from tests.databases import select
from tests.exchanges import exchange


def write_one(engine: sa.Engine, actor: str = "service") -> None:
    chain = open_chain(engine, actor)
    Inserts(engine).write(chain.seal([Protection().protect(rows_of(exchange(), Capture("none", str)))]))


def heads(engine: sa.Engine) -> list[list[dict[str, object]]]:
    """Return what each opening stated, in order."""
    events = select(engine, "SELECT detail FROM record_events ORDER BY id")
    return [json.loads(str(event["detail"]))["heads"] for event in events]


def test_the_first_entry_of_a_writer_is_about_the_event_that_it_was_opened(engine: sa.Engine) -> None:
    chain = open_chain(engine, "service", {"more": 1})
    (event,) = select(engine, "SELECT * FROM record_events")
    assert (event["kind"], event["actor"], event["detail"]) == ("opened", "service", '{"more":1,"heads":[]}')
    (entry,) = select(engine, "SELECT * FROM chain")
    assert (entry["sequence"], entry["kind"], entry["digest"]) == (1, "opened", event_digest(event))
    assert (entry["hash"], entry["writer"]) == (chain.head.hash, chain.head.writer)
    (writer,) = select(engine, "SELECT * FROM writers")
    assert (writer["id"], writer["pid"], writer["ended_at"]) == (chain.head.writer, os.getpid(), None)


def test_an_opening_states_the_heads_of_all_others_once(engine: sa.Engine) -> None:
    write_one(engine)
    write_one(engine)
    open_chain(engine, "cli")
    (end,) = select(
        engine, "SELECT writer, hash FROM chain WHERE sequence = 2 ORDER BY at DESC, writer LIMIT 1"
    )
    first, second, third = heads(engine)
    assert first == []
    assert [(head["writer"], head["sequence"]) for head in second + third] == [
        (writer["id"], 2) for writer in select(engine, "SELECT id FROM writers ORDER BY id")
    ][:2]
    assert end["hash"] in {head["hash"] for head in second + third}


def test_a_chain_that_went_on_is_stated_again(engine: sa.Engine) -> None:
    chain = open_chain(engine, "service")
    open_chain(engine, "cli")
    sealed = chain.seal([Protection().protect(rows_of(exchange(), Capture("none", str)))])
    Inserts(engine).write(sealed)
    open_chain(engine, "cli")
    stated = [[(head["writer"], head["sequence"]) for head in one] for one in heads(engine)]
    assert stated[1] == [(chain.head.writer, 1)]
    assert (chain.head.writer, 2) in stated[2]
