import pytest

from app.domain.errors import InvalidRequest
from app.replaying.sent_candidate import sent_candidate
from guardrails.registry import is_remote

WORDS = {"on": ["input"], "checks": [{"words": {"deny": ["x"]}}], "action": "block"}


def test_guardrails_that_reach_nothing_are_a_candidate() -> None:
    candidate = sent_candidate({"words": WORDS}, {"team": ("words",)}, "candidate")
    assert [*candidate.names] == ["words"]
    assert [*candidate.remote()] == []


@pytest.mark.parametrize("kind", ["webhook", "classifier"])
def test_whoever_asks_another_service_is_refused(kind: str) -> None:
    assert is_remote(kind)
    spec = {"on": ["input"], "checks": [{"words": {"deny": ["x"]}}, {kind: {}}], "action": "block"}
    with pytest.raises(InvalidRequest, match="Asks another service") as caught:
        sent_candidate({"words": WORDS, "judge": spec}, {}, "candidate")
    assert caught.value.param == f"candidate.guardrails.judge.checks[1].{kind}"
