"""A chat completion is read for what it says and how sure it is; one that says nothing is an error."""

from typing import Any

import pytest

from guardrails.remote.completion import Said, completion, said
from guardrails.remote.service import UnsoundAnswer
from tests.guardrails.remote import completions


def test_the_first_choice_says_it() -> None:
    document = completions.completion("safe")
    document["choices"].append(completions.completion("unsafe")["choices"][0])
    assert said(completion(document)) == Said("safe")


def test_its_tokens_come_with_what_could_have_stood_there() -> None:
    answer = said(completion(completions.completion("no", [("no", {"no": 0.75, "yes": 0.25})])))
    assert [token.token for token in answer.tokens] == ["no"]
    assert {other.token: round(other.logprob, 3) for other in answer.tokens[0].top_logprobs} == {
        "no": -0.288,
        "yes": -1.386,
    }


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [{"message": {}}]},
        {"choices": [{"message": {"content": None, "refusal": "I cannot."}}]},
        {"choices": [{"message": {"content": [{"type": "text", "text": "safe"}]}}]},
        {"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{"logprob": -1}]}}]},
        {"error": {"message": "overloaded"}},
    ],
)
def test_what_says_nothing_is_an_error(document: dict[str, Any]) -> None:
    with pytest.raises(UnsoundAnswer):
        said(completion(document))
