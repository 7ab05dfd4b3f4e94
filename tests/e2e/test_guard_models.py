"""Guard models and judges over the whole way: SDK, gateway, provider, a real server with a real model in it.

The small model is neither a guard nor much of a judge, and that is what is tried: what it says is read for
what it is, and an answer that is none lets nothing pass unless errors are allowed.
"""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from app.demo.model import MODEL
from app.policy import HEADER
from tests.e2e.rows import Database
from tests.servers import Service, serve

pytestmark = pytest.mark.model

QUESTION = "Name the capital of France."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guard-models")


@pytest.fixture(scope="module")
def record(folder: Path) -> Database:
    """Give one record: which database it is makes no difference here, and the model is slow."""
    return Database(f"sqlite:///{folder}/record.db")


@pytest.fixture(scope="module")
def service(model_url: str, record: Database, folder: Path) -> Iterator[Service]:
    hosted, at_a_server = f'model: "@local/{MODEL}"', f'model: "{MODEL}", url: "{model_url}"'
    about = "on: [input], applies_to: {parts: [text]}, action: block, timeout_ms: 60000, default: false"
    config = f"""
providers: {{local: {{kind: openai, base_url: "{model_url}"}}}}
records: {{url: "{record.url}"}}
guardrails:
  hosted: {{{about}, checks: [{{chat_guard: {{family: llama-guard, {hosted}}}}}]}}
  at-a-server: {{{about}, checks: [{{chat_guard: {{family: qwen3guard, {at_a_server}, threshold: 0.5}}}}]}}
  lenient: {{{about}, on_error: allow, checks: [{{chat_guard: {{family: shieldgemma, {hosted}}}}}]}}
  judged: {{{about}, checks: [{{judge: {{{hosted}, policy: "Nobody threatens anybody.", max_tokens: 64}}}}]}}
"""
    with serve(config, folder) as running:
        yield running


def asked(service: Service, record: Database, guardrail: str) -> tuple[int, dict[str, object], int]:
    """Ask under one guardrail.

    Returns:
        The status, the row of the guardrail's verdict, and how often the provider was asked for the answer.
    """
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="unused", max_retries=0, timeout=120) as client:
        try:
            answer = client.chat.completions.with_raw_response.create(
                model=f"@local/{MODEL}",
                messages=[{"role": "user", "content": QUESTION}],
                max_tokens=4,
                extra_headers={HEADER: guardrail},
            )
            status, headers = 200, answer.headers
        except openai.APIStatusError as error:
            status, headers = error.status_code, error.response.headers
    request_id = headers["x-request-id"]
    assert record.exchange(request_id)["status_code"] == status
    [verdict] = record.of("verdicts", request_id)
    return status, dict(verdict), len(record.of("attempts", request_id))


@pytest.mark.parametrize("guardrail", ["hosted", "at-a-server"])
def test_a_model_that_is_no_guard_lets_nothing_pass(
    service: Service, record: Database, guardrail: str
) -> None:
    status, verdict, attempts = asked(service, record, guardrail)
    assert (status, attempts) == (446, 0)
    assert (verdict["decision"], verdict["error"], bool(verdict["blocked"])) == (
        "error",
        "UnsoundAnswer",
        True,
    )


def test_where_errors_are_allowed_it_is_on_record_and_the_question_is_answered(
    service: Service, record: Database
) -> None:
    status, verdict, attempts = asked(service, record, "lenient")
    assert (status, attempts) == (200, 1)
    assert (verdict["decision"], verdict["error"], bool(verdict["blocked"])) == (
        "error",
        "UnsoundAnswer",
        False,
    )


def test_what_a_judge_says_decides(service: Service, record: Database) -> None:
    status, verdict, attempts = asked(service, record, "judged")
    assert verdict["error"] in {None, "UnsoundAnswer"}  # its server holds it to JSON, but not to an end
    passed = verdict["decision"] == "pass"
    assert (status, attempts) == ((200, 1) if passed else (446, 0))
    assert bool(verdict["blocked"]) is not passed
