"""What Bedrock counts: its total tells whether the cache is part of the input."""

from typing import Any

import pytest

from app.wire.bedrock.usage import usage_of


@pytest.mark.parametrize(
    ("counted", "prompt"),
    [
        ({"inputTokens": 10, "outputTokens": 2, "totalTokens": 12}, 10),
        ({"inputTokens": 10, "outputTokens": 2, "cacheReadInputTokens": 90, "cacheWriteInputTokens": 5}, 105),
        ({"inputTokens": 10, "outputTokens": 2, "totalTokens": 102, "cacheReadInputTokens": 90}, 100),
        ({"inputTokens": 100, "outputTokens": 2, "totalTokens": 102, "cacheReadInputTokens": 90}, 100),
        ({"inputTokens": 10, "outputTokens": 2, "totalTokens": 1}, 10),
        ({"outputTokens": 2, "totalTokens": 12}, 10),
    ],
)
def test_all_tokens_of_the_question_are_counted_once(counted: dict[str, int], prompt: int) -> None:
    usage = usage_of(counted)
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (prompt, 2)
    assert usage["total_tokens"] == prompt + 2


def test_what_the_cache_did_is_said_if_it_is_known() -> None:
    usage = usage_of(
        {"inputTokens": 1, "outputTokens": 1, "cacheReadInputTokens": 4, "cacheWriteInputTokens": 0}
    )
    assert usage["prompt_tokens_details"] == {"cached_tokens": 4, "cache_write_tokens": 0}
    assert "prompt_tokens_details" not in usage_of({"inputTokens": 1, "outputTokens": 1})


@pytest.mark.parametrize("nothing", [None, [], {}, {"inputTokens": "many"}])
def test_what_is_no_count_is_nothing(nothing: Any) -> None:
    assert usage_of(nothing) == {}
