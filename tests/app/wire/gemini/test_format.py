"""The format as a whole: paths, models, and that it asks nobody for anything."""

from typing import Any

import pytest

from app.domain.errors import UpstreamBroken
from app.wire.format import Format
from app.wire.gemini.format import GeminiFormat
from tests.gemini import asked, wire


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("models/gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("google/gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("publishers/google/models/gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("tunedModels/mine", "tunedModels/mine"),
        ("a/../../b?c#d", "models/a%2F..%2F..%2Fb%3Fc%23d"),
    ],
)
def test_a_model_has_its_path(model: str, path: str) -> None:
    assert asked({}, model=model).path == f"{path}:generateContent"
    assert asked({}, model=model, stream=True).path == f"{path}:streamGenerateContent?alt=sse"


def test_the_gemini_api_lists_its_models() -> None:
    found = wire().models(
        {
            "models": [
                {
                    "name": "models/gemini-2.5-flash",
                    "supportedGenerationMethods": ["generateContent"],
                    "inputTokenLimit": 9,
                },
                {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
                {"name": "models/no-methods"},
                {"name": 7},
                "junk",
            ],
            "nextPageToken": "x",
        }
    )
    assert found == (
        {
            "id": "gemini-2.5-flash",
            "object": "model",
            "owned_by": "google",
            "supportedGenerationMethods": ["generateContent"],
            "inputTokenLimit": 9,
        },
    )
    assert wire().models_path == "models?pageSize=1000"
    assert wire(host="vertex").models_path is None


@pytest.mark.parametrize("document", [{}, [], None, {"models": {}}])
def test_what_is_no_list_of_models_is_refused(document: Any) -> None:
    with pytest.raises(UpstreamBroken):
        wire().models(document)


def test_ids_cannot_be_guessed_by_default() -> None:
    made: Format = GeminiFormat()
    assert made.refusal(None, 500, {}).status == 500
    tokens = {GeminiFormat()._token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {24}
