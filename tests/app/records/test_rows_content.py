"""How much of an exchange its rows hold, by the level that is asked for."""

import itertools
import json
from typing import Any

import pytest

from app.domain.content import Content
from app.domain.exchange import Outcome
from app.records.canonical import body_hash
from app.records.entry import begun, ended
from app.records.protection import Protection
from app.records.rows import Capture, Rows, rows_of
from guardrails import Side
from tests.exchanges import attempt, exchange, finding, request, response, verdict

SECRET = "sk-canary-0123456789"
LEVELS: tuple[Content, ...] = ("none", "hashes", "redacted", "full")


def hide(text: str) -> str:
    return text.replace(SECRET, "[SECRET]")


def body(rows: Rows, kind: str) -> Any:
    return next(json.loads(str(row["body"])) for row in rows.payloads if row["kind"] == kind)


def test_full_keeps_documents_as_they_were() -> None:
    found = verdict(Side.INPUT, finding("messages[0].content", 0, 3))
    rows = rows_of(exchange(request=request(SECRET), verdicts=(found,)), Capture("full", hide))
    assert body(rows, "request") == request(SECRET)
    assert {row["content"] for row in rows.payloads} == {"full"}


def test_redacted_hides_what_was_found_and_what_the_function_knows() -> None:
    record = exchange(
        request=request(f"Ada says {SECRET}"),
        response=response(f"{SECRET} it is"),
        verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 3)),),
    )
    rows = rows_of(record, Capture("redacted", hide))
    assert body(rows, "request") == request("[EMAIL] says [SECRET]")
    assert body(rows, "response") == response("[SECRET] it is")
    assert {row["content"] for row in rows.payloads} == {"redacted"}


def test_none_keeps_no_documents_but_everything_else() -> None:
    rows = rows_of(exchange(), Capture("none", hide))
    assert rows.payloads == ()
    assert (len(rows.attempts), len(rows.verdicts)) == (1, 2)


def test_hashes_keep_of_documents_the_salted_hash_of_what_redacted_would_keep() -> None:
    record = exchange(request=request(f"says {SECRET}"))
    rows = Protection().protect(rows_of(record, Capture("hashes", hide)))
    kept = rows_of(record, Capture("redacted", hide)).payloads
    assert [row["kind"] for row in rows.payloads] == ["request", "response"]
    for row, body_ in zip(rows.payloads, kept, strict=True):
        assert (row["content"], row["body"]) == ("hashes", None)
        assert row["hash"] == body_hash(str(row["salt"]), str(body_["body"]))


@pytest.mark.parametrize(("level", "other"), [*itertools.product(LEVELS, LEVELS)])
@pytest.mark.parametrize("has_ended", [True, False])
def test_an_exchange_may_be_lowered_and_not_raised(level: Content, other: Content, has_ended: bool) -> None:
    record, capture = exchange(content=other), Capture(level, hide)
    entry = ended(record, capture, follows=False) if has_ended else begun(record, capture)
    lowest = min(level, other, key=LEVELS.index)
    assert {row["content"] for row in entry.rows.payloads} == ({lowest} if lowest != "none" else set())


@pytest.mark.parametrize("content", LEVELS)
def test_what_a_provider_says_of_an_error_is_left_out_where_documents_are(content: Content) -> None:
    ours = exchange(error_message="said", outcome=Outcome.REJECTED)
    theirs = exchange(error_message="said", outcome=Outcome.UPSTREAM_ERROR)
    said = [rows_of(one, Capture(content, str)).exchanges[0]["error_message"] for one in (ours, theirs)]
    assert said == ["said", "said" if content in {"full", "redacted"} else None]


@pytest.mark.parametrize("content", ["redacted", "hashes", "none"])
def test_texts_in_columns_are_seen_too(content: Content) -> None:
    planted = f"x {SECRET} y"
    record = exchange(
        caller_trace_id=planted,
        path=planted,
        requested_model=planted,
        model=planted,
        error_type=planted,
        error_code=planted,
        error_param=planted,
        error_message=planted,
        metadata={planted: [planted]},
        attempts=(attempt(model=planted, response_model=planted, error_type=planted),),
        request=request(planted, **{planted: 1}),
        verdicts=(verdict(Side.INPUT, finding(f'["{planted}"]', 0, 1)),),
    )
    rows = rows_of(record, Capture(content, hide))
    assert SECRET not in repr(rows)
    assert rows.exchanges[0]["metadata"] == '{"x [SECRET] y":["x [SECRET] y"]}'
