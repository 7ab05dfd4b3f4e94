from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.exchange import Outcome
from app.records.filters import BadQuestion, Filter, conditions, is_only_time
from app.records.queries import count, page
from app.records.reading import Reading
from guardrails import Side
from tests.exchanges import MS, STARTED_NS, exchange, finding, verdict
from tests.recorded import put, reading

__all__ = ["reading"]

FIRST = exchange(caller="a", model="gpt-4o", caller_trace_id="mine", verdicts=(), metadata={"_user": "anna"})
SECOND = exchange(
    started_ns=STARTED_NS + 1000 * MS,
    caller="b",
    provider="claude",
    model="opus",
    trace_id="f" * 32,
    verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 3)), verdict(Side.OUTPUT)),
)
THIRD = exchange(
    started_ns=STARTED_NS + 2000 * MS,
    caller="b",
    outcome=Outcome.UPSTREAM_ERROR,
    error_type="upstream_error",
    error_message="The provider is 100% busy, says it.",
    verdicts=(verdict(Side.INPUT, guardrail="other"),),
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, (FIRST, SECOND, THIRD)),
        ({"caller": ("b",)}, (SECOND, THIRD)),
        ({"caller": ("a", "b"), "provider": ("claude", "x")}, (SECOND,)),
        ({"model": ("opus",)}, (SECOND,)),
        ({"model": ("@openai/gpt-4o",)}, (FIRST, SECOND, THIRD)),
        ({"outcome": ("upstream_error", "failed")}, (THIRD,)),
        ({"outcome": ("ok", "begun")}, (FIRST, SECOND)),
        ({"outcome": ("begun",)}, ()),
        ({"guardrail": ("privacy",)}, (SECOND,)),
        ({"guardrail": ("privacy", "other")}, (SECOND, THIRD)),
        ({"guardrail": ("other",), "decision": ("redact",)}, ()),
        ({"decision": ("redact",)}, (SECOND,)),
        ({"trace": "f" * 32}, (SECOND,)),
        ({"trace": "mine"}, (FIRST,)),
        ({"trace": "e" * 32}, ()),
        ({"subject": ("anna",)}, (FIRST,)),
        ({"error": "BUSY"}, (THIRD,)),
        ({"error": "0%"}, (THIRD,)),
        ({"error": "%b"}, ()),
        ({"error": "_error"}, (THIRD,)),
        ({"since": "2026-11-22T20:51:53.123456Z"}, (SECOND, THIRD)),
        ({"until": "2026-11-22T20:51:53.123456Z"}, (FIRST,)),
        ({"since": "2026-11-22T20:51:53.000000Z", "decision": ("redact",)}, (SECOND,)),
    ],
)
def test_each_filter_finds_what_it_says(
    reading: Reading, engine: sa.Engine, asked: dict[str, Any], found: tuple[Any, ...]
) -> None:
    put(engine, FIRST, SECOND, THIRD)
    with reading.connect() as connection:
        rows = page(connection, Filter(**asked), newest_first=False).exchanges
        assert [row["id"] for row in rows] == [one.id for one in found]
        assert count(connection, Filter(**asked)) == len(found)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"outcome": ("fine",)}, "outcome 'fine' is none of ok, blocked_input, .*begun"),
        ({"decision": ("maybe",)}, "decision 'maybe' is none of pass, "),
        ({"caller": ("a\0",)}, "caller is longer"),
        ({"error": "x" * 2049}, "error is longer"),
        ({"model": ("m",) * 101}, "model is longer"),
    ],
)
def test_what_no_row_can_be_is_not_asked(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        Filter(**asked)


def test_it_is_known_whether_only_the_moment_is_asked_for() -> None:
    assert is_only_time(Filter(since="2026"))
    assert not is_only_time(Filter(since="2026", caller=("a",)))
    assert conditions(Filter()) == []
