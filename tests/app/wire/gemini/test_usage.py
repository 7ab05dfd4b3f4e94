"""Counts and log probabilities in OpenAI's shape."""

from typing import Any

import pytest

from app.wire.gemini.usage import logprobs_of, service_tier, usage_of


def test_thoughts_are_completion_and_tool_use_is_prompt() -> None:
    assert usage_of(
        {
            "promptTokenCount": 10,
            "toolUsePromptTokenCount": 5,
            "cachedContentTokenCount": 4,
            "candidatesTokenCount": 20,
            "thoughtsTokenCount": 7,
            "totalTokenCount": 42,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 6},
                {"modality": "AUDIO", "tokenCount": 4},
                {"modality": "SMELL", "tokenCount": 1},
            ],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 20}],
        }
    ) == {
        "prompt_tokens": 15,
        "completion_tokens": 27,
        "total_tokens": 42,
        "prompt_tokens_details": {"cached_tokens": 4, "text_tokens": 6, "audio_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 7, "image_tokens": 20},
    }


@pytest.mark.parametrize(
    ("counted", "completion"),
    [
        ({"promptTokenCount": 3}, 0),
        ({"promptTokenCount": 3, "totalTokenCount": 3}, 0),
        ({"promptTokenCount": 3, "totalTokenCount": 8}, 5),
        ({"promptTokenCount": 3, "thoughtsTokenCount": 2, "totalTokenCount": 5}, 2),
    ],
)
def test_zeros_are_not_said_on_the_wire(counted: dict[str, int], completion: int) -> None:
    found = usage_of(counted)
    assert found["completion_tokens"] == completion
    assert found["total_tokens"] == 3 + completion


def test_what_is_no_count_is_left_out() -> None:
    assert usage_of({"promptTokenCount": "many", "promptTokensDetails": ["x", {"modality": "TEXT"}]}) == {}


def test_how_it_was_served_is_a_tier() -> None:
    assert service_tier({"trafficType": "ON_DEMAND_FLEX"}) == "flex"
    assert service_tier({"trafficType": "TELEPATHY"}) is None
    assert service_tier({}) is None


def test_log_probabilities_have_their_bytes_and_rivals() -> None:
    found = logprobs_of(
        {
            "chosenCandidates": [
                {"token": "é", "logProbability": -0.5, "tokenId": 1},
                {"token": "b"},
            ],
            "topCandidates": [{"candidates": [{"token": "é", "logProbability": -0.5}]}],
        }
    )
    chosen = {"token": "é", "logprob": -0.5, "bytes": [195, 169]}
    assert found == {
        "content": [
            {**chosen, "top_logprobs": [chosen]},
            {"token": "b", "logprob": 0.0, "bytes": [98], "top_logprobs": []},
        ],
        "refusal": None,
    }


@pytest.mark.parametrize("result", [None, {}, {"chosenCandidates": []}, {"chosenCandidates": 7}, [1]])
def test_no_log_probabilities_are_none(result: Any) -> None:
    assert logprobs_of(result) is None
