import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ProviderEvent, Started, TextDelta
from app.wire.format import AnswerHead, Asked, Format, Question
from app.wire.openai.azure_format import AzureFormat
from tests.golden.openai_cases import document, events, fold, folded, stream_bytes

HI = [{"role": "user", "content": "hi"}]
FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure's content policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {"violence": {"filtered": True, "severity": "high"}},
        },
    }
}

INVALID = "invalid_request_error"


def coded(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "m"}}


def asked(version: str | None, model: str = "my-gpt", *, stream: bool = False, **fields: Any) -> Asked:
    wire: Format = AzureFormat(version)
    return wire.ask(Question(document={"model": "x", "messages": HI, **fields}, model=model, stream=stream))


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("2024-10-21", "deployments/my-gpt/chat/completions?api-version=2024-10-21"),
        ("2025-04-01-preview", "deployments/my-gpt/chat/completions?api-version=2025-04-01-preview"),
        (None, "v1/chat/completions"),
        ("v1", "v1/chat/completions"),
        ("preview", "v1/chat/completions?api-version=preview"),
    ],
)
def test_the_version_says_the_path(version: str | None, path: str) -> None:
    assert asked(version).path == path


def test_a_deployments_name_stays_within_its_place() -> None:
    assert asked("2024-10-21", "a/b?c d").path.startswith("deployments/a%2Fb%3Fc%20d/chat/")


def test_the_body_is_openais_with_the_deployment_as_model() -> None:
    assert json.loads(asked(None, top_k=5).content) == {"model": "my-gpt", "messages": HI, "top_k": 5}


@pytest.mark.parametrize(
    ("version", "is_asked"),
    [
        ("2024-06-01", False),
        ("2024-09-01-preview", True),
        ("2024-10-21", True),
        (None, True),
        ("preview", True),
    ],
)
def test_usage_of_a_stream_is_asked_for_where_the_version_knows_how(
    version: str | None, is_asked: bool
) -> None:
    content = asked(version, stream=True, stream_options={"include_usage": True}).content
    assert ("stream_options" in json.loads(content)) == is_asked
    assert ("stream_options" in json.loads(asked(version, stream=True).content)) == is_asked


@pytest.mark.parametrize("version", ["", "2024-10-21&x=y", "a b", "ä"])
def test_a_version_that_is_none_is_a_mistake(version: str) -> None:
    with pytest.raises(ValueError, match="api_version"):
        AzureFormat(version)


@pytest.mark.parametrize(
    ("body", "status", "seen"),
    [
        (FILTERED, 400, ("content_filter", INVALID, "prompt", False)),
        (coded("DeploymentNotFound"), 404, ("model_not_found", INVALID, None, False)),
        (coded("404"), 404, ("404", INVALID, None, False)),
        ({"statusCode": 401, "message": "m"}, 401, (None, "authentication_error", None, False)),
        (coded("401"), 401, ("invalid_api_key", "authentication_error", None, False)),
        (coded("PermissionDenied"), 403, ("PermissionDenied", "permission_error", None, False)),
        (coded("429"), 429, ("rate_limit_exceeded", "rate_limit_error", None, True)),
        ({"statusCode": 503, "message": "m"}, 503, (None, "server_error", None, True)),
        ({"error": {"code": "c", "type": "t", "message": "m"}}, 400, ("c", "t", None, False)),
        (None, 418, (None, "upstream_error", None, False)),
    ],
)
def test_errors_have_openais_words(
    body: object, status: int, seen: tuple[str | None, str, str | None, bool]
) -> None:
    error = AzureFormat().refusal(body, status, {"retry-after": "3", "x-ms-region": "West Europe"})
    assert (error.code, error.upstream_type, error.param, error.retryable) == seen
    assert (error.status, error.headers) == (status, (("retry-after", "3"),))
    assert "'severity'" not in error.message


def test_there_is_no_list_of_deployments() -> None:
    assert (AzureFormat().models_path, AzureFormat().models({"data": [{"id": "gpt"}]})) == (None, ())


@pytest.mark.parametrize("name", ["azure", "azure_async"])
def test_a_stream_with_chunks_of_filter_results_is_an_answer(name: str) -> None:
    body = asked(None, stream=True).read(AnswerHead(media_type="text/event-stream"))
    data = stream_bytes(name)
    found = [event for at in range(0, len(data), 7) for event in body.feed(data[at : at + 7])]
    found += body.close()
    assert fold(found) == folded(name)
    started = next(event for event in found if isinstance(event, Started))
    assert found[0] is started
    assert (started.fields["id"], started.fields["model"]) == ("chatcmpl-az", "gpt-5.6")


def test_a_document_with_filter_results_is_an_answer() -> None:
    body = asked(None).read(AnswerHead(media_type="application/json"))
    found = [*body.feed(json.dumps(document("azure")).encode()), *body.close()]
    assert fold(found) == document("azure")


def test_a_filter_that_strikes_in_a_stream_is_the_error_it_is() -> None:
    body = asked(None, stream=True).read(AnswerHead(media_type="text/event-stream"))
    found: list[ProviderEvent] = []
    with pytest.raises(UpstreamRefused) as caught:
        found += body.feed(b"data: %b\n\n" % json.dumps(FILTERED).encode())
    assert (caught.value.status, caught.value.code) == (400, "content_filter")


def test_filter_results_alone_are_no_answer() -> None:
    first = stream_bytes("azure").split(b"\n\n")[0] + b"\n\n"
    with pytest.raises(UpstreamBroken):
        events([first])


def test_what_a_filter_cut_off_ends_so() -> None:
    chunk = {
        "id": "c",
        "choices": [
            {
                "index": 0,
                "delta": {"content": "x"},
                "finish_reason": "content_filter",
                "content_filter_result": {
                    "error": {"code": "content_filter_error", "message": "not filtered"}
                },
            }
        ],
    }
    found = events([b"data: %b\n\ndata: [DONE]\n\n" % json.dumps(chunk).encode()])
    assert TextDelta(0, "content", "x") in found
    assert fold(found)["choices"][0]["finish_reason"] == "content_filter"
