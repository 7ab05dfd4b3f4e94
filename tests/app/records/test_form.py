import uuid

import pytest

from app.records.chain import Chain, Head
from app.records.entry import Entry
from app.records.form import Form, Kept
from app.records.protection import Protection
from app.records.rows import Capture
from tests.exchanges import exchange, request
from tests.fakes import FakeLog

WRITER = str(uuid.uuid4())


def form(log: FakeLog | None = None, capture: Capture | None = None) -> Form:
    return Form(capture or Capture("full", str), Protection(), Chain(Head(WRITER)), log or FakeLog())


def entry(one: Form, kept: Kept | Entry) -> Entry:
    made = one.entry(kept)
    assert made is not None
    return made


def test_entries_are_links_of_one_chain() -> None:
    one, record = form(), exchange(request=request("hello"))
    made = [entry(one, Kept(record, has_ended=False)), entry(one, Kept(record, follows=True))]
    made.append(entry(one, made[1]))
    links = [part.rows.chain[0] for part in made]
    assert [(link["sequence"], link["kind"]) for link in links] == [(1, "begun"), (2, "ended"), (3, "ended")]
    assert [link["previous_hash"] for link in links[1:]] == [link["hash"] for link in links[:-1]]
    assert links[1]["digest"] == links[2]["digest"]
    assert {part.rows.exchanges[0]["writer"] for part in made} == {WRITER}
    assert all(payload["hash"] for part in made for payload in part.rows.payloads)


def _fails(_text: str) -> str:
    raise RuntimeError


def test_one_whose_rows_cannot_be_made_is_kept_bare_and_said() -> None:
    log = FakeLog()
    one, record = form(log, Capture("redacted", _fails)), exchange()
    made = entry(one, Kept(record))
    assert (made.is_bare, made.rows.exchanges[0]["record_error"]) == (True, "RuntimeError")
    assert made.rows.chain[0]["sequence"] == 1
    assert log.lines == [("error", "record_refused", {"exchange_id": record.id, "error": "RuntimeError"})]


def test_of_a_beginning_whose_rows_cannot_be_made_nothing_is_kept() -> None:
    assert form(capture=Capture("redacted", _fails)).entry(Kept(exchange(), has_ended=False)) is None


@pytest.mark.parametrize("has_ended", [True, False])
def test_what_is_left_of_a_refused_one_keeps_its_place_in_the_chain(has_ended: bool) -> None:
    one = form()
    made = entry(one, Kept(exchange(), has_ended=has_ended))
    left = one.left_of(made, "DataError 22003")
    assert left.rows.chain == made.rows.chain
    assert (left.rows.payloads, left.rows.attempts) == ((), ())
    again = entry(one, left)
    assert again.rows.exchanges == left.rows.exchanges
    assert again.rows.chain[0]["sequence"] == 2
