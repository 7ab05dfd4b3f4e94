import hashlib
import json
from itertools import pairwise

import msgspec
import pytest

from app.records.canonical import COLUMNS, exchange_digest, link_hash
from app.records.chain import GENESIS, Chain, Head, head_of
from app.records.opening import event_row
from app.records.protection import Protection
from app.records.rows import Capture, Rows, rows_of
from tests.exchanges import exchange

WRITER = "0198c0de-0000-7000-8000-000000000001"
NOW = "2026-11-22T20:51:52.000000Z"


def made(**changes: object) -> Rows:
    return Protection().protect(rows_of(exchange(**changes), Capture("full", str)))


def test_each_entry_holds_the_hash_of_the_one_before() -> None:
    chain = Chain(Head(WRITER))
    opened = chain.record("opened", event_row("opened", NOW, "service", {}))
    sealed = chain.seal([made(), made()])
    chain.advance(sealed)
    sealed += chain.seal([made()])
    entries = [*opened, *(rows.chain[0] for rows in sealed)]
    assert [entry["sequence"] for entry in entries] == [1, 2, 3, 4]
    assert entries[0]["previous_hash"] == GENESIS
    for before, entry in pairwise(entries):
        assert entry["previous_hash"] == before["hash"]
        assert entry["hash"] == link_hash(str(before["hash"]), entry)


def test_the_hash_of_an_entry_is_of_the_documented_bytes() -> None:
    (entry,) = Chain(Head(WRITER)).seal([made()])[0].chain
    values = [GENESIS, *(entry[name] for name in COLUMNS["chain"])]
    text = json.dumps(values, separators=(",", ":"))
    assert entry["hash"] == hashlib.sha256(text.encode()).hexdigest()


def test_an_exchange_is_sealed_with_its_writer_and_all_its_rows() -> None:
    (sealed,) = Chain(Head(WRITER)).seal([made()])
    (entry,) = sealed.chain
    assert sealed.exchanges[0]["writer"] == WRITER
    assert entry["digest"] == exchange_digest(sealed.exchanges[0], msgspec.structs.asdict(sealed))
    assert (entry["exchange_id"], entry["kind"]) == (sealed.exchanges[0]["id"], "ended")


def test_sealing_again_gives_the_same_entries_and_advancing_goes_on_behind_them() -> None:
    chain, rows = Chain(Head(WRITER)), [made(), made()]
    first = chain.seal(rows)
    assert chain.seal(rows) == first
    chain.advance(first)
    assert chain.head == head_of(first[-1].chain[0])
    chain.advance([])
    assert chain.head.sequence == 2


def test_no_entry_is_older_than_the_one_before() -> None:
    early, late = made(), made()
    early.exchanges[0]["ended_at"] = NOW
    sealed = Chain(Head(WRITER)).seal([late, early])
    assert sealed[1].chain[0]["at"] == late.exchanges[0]["ended_at"]
    assert str(late.exchanges[0]["ended_at"]) > NOW


@pytest.mark.parametrize(
    ("outcome", "kind"), [(None, "begun"), ("interrupted", "interrupted"), ("ok", "ended")]
)
def test_an_entry_says_how_far_the_exchange_was(outcome: str | None, kind: str) -> None:
    rows = made()
    rows.exchanges[0].update(outcome=outcome, ended_at=None)
    (sealed,) = Chain(Head(WRITER)).seal([rows])
    assert (sealed.chain[0]["kind"], sealed.chain[0]["at"]) == (kind, rows.exchanges[0]["started_at"])


def test_an_erasure_has_an_entry_and_each_exchange_it_touched_another() -> None:
    chain = Chain(Head(WRITER))
    event = event_row("erased", NOW, "cli", {}, exchanges=1)
    gone = made().exchanges[0]
    entries = chain.record("event", event, [gone])
    assert [(entry["kind"], entry["exchange_id"], entry["event_id"]) for entry in entries] == [
        ("event", None, event["id"]),
        ("erased", gone["id"], event["id"]),
    ]
    assert chain.head == head_of(entries[1])
