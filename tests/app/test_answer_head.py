"""The head of an answer is held to its form, and what has none is screened."""

from typing import Any

import pytest

from app.answer_head import is_usual_id, plain_head, without_counts
from app.domain.events import ProviderEvent, Started, UsageReported
from tests.answers import MAIL, Answer, call

GUARD = {
    "on": ["output"],
    "checks": [{"pii": {}}, {"secrets": {"rules": ["github_token"]}}],
    "action": "redact",
}
TOKEN = "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"
CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("created", "kept"),
    [(1, 1), (1.5, 1), (0, 0), (MAIL, None), (int(CARD), None), (-1, None), (True, None), (None, None),
     (float("nan"), None)],
)  # fmt: skip
def test_a_time_is_a_number_or_it_is_none(created: object, kept: object) -> None:
    assert plain_head({"created": created}).get("created") == kept


@pytest.mark.parametrize(
    "one",
    [
        "chatcmpl-9a1b2c3d4e5f6a7b8c9d0e1f2a3b4",
        "msg_01XFDUDYJgAACzvnptvVoYEL",
        "gen-1730000000-AbCdEf0123",
        "6f1b8a1e-4c4f-4c39-9f0e-2b1a4d5c6e7f",
        None,
    ],
)
async def test_ids_that_look_like_ids_pass(one: str | None) -> None:
    assert is_usual_id(one)
    answer = await Answer(GUARD | {"action": "block"}).run([Started({"id": one})])
    assert answer.released == [Started({"id": one})]


@pytest.mark.parametrize("one", [TOKEN, CARD, MAIL, int(CARD), f"chatcmpl-{CARD}"])
async def test_an_id_in_which_something_is_found_is_left_out(one: object) -> None:
    answer = await Answer(GUARD).run([Started({"id": one, "created": 1, "model": "m"})])
    assert answer.released == [Started({"created": 1, "model": "m"})]


@pytest.mark.parametrize(
    ("usage", "kept"),
    [
        ({"total_tokens": 4_111_111_111}, {"total_tokens": 4_111_111_111}),
        ({"x": CARD}, {"x": "[CARD]"}),
        ({"x": [int(CARD)]}, {"x": ["[CARD]"]}),
        ({"x": {"y": MAIL}}, {"x": {"y": "[EMAIL]"}}),
    ],
)
async def test_of_usage_counts_pass_and_nothing_else(usage: dict[str, Any], kept: dict[str, Any]) -> None:
    answer = await Answer(GUARD).run([UsageReported(usage)])
    assert answer.released == [UsageReported(kept)]


def test_what_is_no_count_is_left() -> None:
    assert without_counts({"a": [1, 2.5, "x", 10**12, None]}) == {"a": [None, None, "x", 10**12, None]}


async def test_an_id_that_pass_unguarded_stays_as_it_is() -> None:
    events: list[ProviderEvent] = [Started({"id": TOKEN, "created": MAIL}), *call(0, "{}")]
    assert (await Answer().run(events)).released[0] == events[0]
