"""Google's own fields go on as they are, wherever they stand and however they are spelled."""

from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from tests.gemini import GEMINI_2, asked, body, function

SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]


@pytest.mark.parametrize(
    "document",
    [
        {"safety_settings": SAFETY, "cached_content": "cachedContents/1", "labels": {"team": "a"}},
        {"safetySettings": SAFETY, "cachedContent": "cachedContents/1", "labels": {"team": "a"}},
        {"google": {"safety_settings": SAFETY, "cachedContent": "cachedContents/1", "labels": {"team": "a"}}},
        {
            "extra_body": {"google": {"safety_settings": SAFETY, "cached_content": "cachedContents/1"}},
            "labels": {"team": "a"},
        },
    ],
)
def test_they_are_understood_in_every_place(document: dict[str, Any]) -> None:
    found = body(document)
    assert found.pop("contents")
    assert found == {"safetySettings": SAFETY, "cachedContent": "cachedContents/1", "labels": {"team": "a"}}


def test_they_win_over_openais_words() -> None:
    found = body(
        {
            "reasoning_effort": "high",
            "temperature": 0.5,
            "google": {
                "thinking_config": {"thinking_budget": 7, "include_thoughts": True},
                "generation_config": {"temperature": 0.25, "top_k": 3},
            },
        },
        abilities=GEMINI_2,
    )
    assert found["generationConfig"] == {
        "temperature": 0.25,
        "topK": 3,
        "thinkingConfig": {"thinkingBudget": 7, "includeThoughts": True},
    }


def test_tools_and_their_settings_are_joined() -> None:
    found = body(
        {
            "tools": [function()],
            "google": {
                "tools": [{"googleSearch": {}}],
                "tool_config": {"retrieval_config": {"languageCode": "de"}},
            },
        }
    )
    assert [next(iter(tool)) for tool in found["tools"]] == ["functionDeclarations", "googleSearch"]
    assert found["toolConfig"] == {
        "functionCallingConfig": {"mode": "AUTO"},
        "retrievalConfig": {"languageCode": "de"},
    }


def test_what_google_does_not_know_is_dealt_with_as_configured() -> None:
    assert asked({"google": {"frobnicate": 1}}).dropped == ("google.frobnicate",)
    with pytest.raises(InvalidRequest):
        asked({"google": {"frobnicate": 1}}, unsupported="error")


@pytest.mark.parametrize("wrong", [{"google": 7}, {"extra_body": {"google": "x"}}])
def test_what_is_no_object_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(wrong)
    assert caught.value.param == "google"
