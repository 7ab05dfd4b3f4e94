import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.records.entry import bare, begun, decode, encode, ended
from app.records.rows import Capture
from guardrails import Side
from tests.exchanges import attempt, exchange, finding, request, response, verdict

AS_IT_WAS = Capture("full", str)


@settings(max_examples=50, deadline=None)
@given(st.text(), st.text())
def test_an_entry_reads_back_as_it_was_written(question: str, answer: str) -> None:
    record = exchange(
        request=request(question),
        response=response(answer),
        verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 1)),),
    )
    for entry in (ended(record, AS_IT_WAS, follows=True), begun(record, AS_IT_WAS)):
        assert decode(encode(entry)) == entry


def test_columns_of_another_version_are_no_hindrance() -> None:
    entry = ended(exchange(), AS_IT_WAS, follows=False)
    row = entry.rows.exchanges[0]
    row["a column of tomorrow"] = row.pop("cache_status")
    assert decode(encode(entry)).rows.exchanges == (row,)


def test_what_no_database_takes_cannot_be_written_down() -> None:
    for poison in (attempt(server_port=object()), attempt(server_port=2**80)):
        with pytest.raises((TypeError, OverflowError)):
            encode(ended(exchange(attempts=(poison,)), AS_IT_WAS, follows=False))


def test_what_is_left_of_a_beginning_has_not_ended() -> None:
    record = exchange()
    assert bare(begun(record, AS_IT_WAS), "x").rows.exchanges[0]["outcome"] is None
    assert bare(ended(record, AS_IT_WAS, follows=True), "x").rows.exchanges[0]["outcome"] == "ok"


def test_its_size_is_about_that_of_its_bodies() -> None:
    small, large = (
        ended(exchange(request=request("x" * n)), AS_IT_WAS, follows=False).size_bytes for n in (1, 100_001)
    )
    assert large - small == 100_000
