"""Every compatible provider of the catalogue: what it is sent, and what becomes of its answer.

The golden files are `tests/golden/compatible_cases.py`'s; the vendors' own types judge two of the dialects,
and OpenAI's type of an answer judges them all.
"""

import json
from typing import Any

import pytest
from mistralai.client.models import ChatCompletionRequest
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from app.domain.errors import InvalidRequest, UpstreamRefused
from app.wire.format import AnswerHead
from tests.golden import compatible_answers as answers
from tests.golden import compatible_cases as cases
from tests.oracles import checker, violations

NATIVE = {"azure-openai", "anthropic", "gemini", "vertex-ai", "vertex-anthropic", "bedrock", "cohere"}
PORTKEY = (
    "openai azure-openai azure-ai anthropic google vertex-ai bedrock mistral-ai groq ollama cohere "
    "together-ai openrouter deepseek x-ai perplexity-ai fireworks-ai anyscale deepinfra huggingface "
    "github cerebras sambanova nebius hyperbolic lambda lepton kluster-ai nscale ncompass novita-ai "
    "siliconflow featherless-ai inference-net predibase workers-ai cortex dashscope moonshot zhipu "
    "z-ai lingyi krutrim upstage reka-ai ai21 triton monsterapi deepbricks lemonfox-ai 302ai "
    "cometapi matterai nextbit modal iointelligence aibadgr ovhcloud portkey"
).split()
"""Portkey's ids of providers with a chat endpoint (`src/globals.ts` of its gateway, 2026-05)."""


@pytest.mark.parametrize("kind", PORTKEY)
def test_portkeys_names_are_kinds(kind: str) -> None:
    assert cases.CATALOGUE.row(kind) is not None


@pytest.mark.parametrize(
    ("kind", "base_url"),
    [("sglang", "http://127.0.0.1:30000/v1"), ("tgi", "http://127.0.0.1:8080/v1")],
)
def test_servers_of_ones_own_are_where_they_are_by_default(kind: str, base_url: str) -> None:
    assert cases.row(kind).base_url == base_url


def test_every_row_has_golden_files_and_every_golden_file_a_row() -> None:
    kinds = {kind for kind in cases.CATALOGUE.kinds() if kind not in NATIVE}
    assert set(cases.KINDS) == kinds
    files = {file.name for file in cases.FOLDER.iterdir()}
    assert files == {f"{kind}.{name}.json" for kind in kinds for name in ("sent", "folded")}


def test_a_name_belongs_to_one_row() -> None:
    rows = [cases.row(kind) for kind in cases.CATALOGUE.kinds()]
    names = [name for row in rows for name in (row.kind, *row.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", cases.CATALOGUE.kinds())
def test_a_row_can_be_used(kind: str) -> None:
    row = cases.row(kind)
    assert row.base_url is None or row.base_url.startswith(("https://", "http://127.0.0.1:"))
    assert row.base_url is None or not row.base_url.endswith("/")
    assert set(row.placeholders) <= {"region", "project", "location", "resource", "account", "workspace"}
    assert not row.auth_prefix or row.auth_header == "authorization"


def test_prices_are_looked_up_under_names_that_exist() -> None:
    from genai_prices.data import providers  # noqa: PLC0415 (takes half a second)

    known = {provider.id for provider in providers}
    rows = {kind: cases.row(kind).pricing_name for kind in cases.CATALOGUE.kinds()}
    assert {kind: name for kind, name in rows.items() if name is not None and name not in known} == {}


@pytest.mark.parametrize("kind", cases.KINDS)
def test_a_request_is_sent_as_reviewed(kind: str) -> None:
    assert cases.sent(kind) == cases.kept(kind, "sent")


@pytest.mark.parametrize("kind", cases.KINDS)
def test_an_answer_becomes_what_was_reviewed(kind: str) -> None:
    assert cases.folded(kind) == cases.kept(kind, "folded")


@pytest.mark.parametrize("kind", cases.KINDS)
def test_nothing_of_a_request_is_lost_in_silence(kind: str) -> None:
    found = cases.sent(kind)
    body = found["body"]
    dialect = cases.row(kind).dialect
    other_names = {
        "max_completion_tokens": "max_tokens",
        "reasoning_effort": dialect.effort,
        **dialect.rename,
    }
    gone = [name for name in cases.REQUEST if name not in body and other_names.get(name) not in body]
    assert set(gone) <= {*found["refused"], *found["dropped"], "stream_options"}


@pytest.mark.parametrize("kind", ["deepseek", "moonshot", "zhipu", "z-ai"])
def test_who_knows_no_schema_is_told_it(kind: str) -> None:
    body = cases.sent(kind)["body"]
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0]["role"] == "system"
    assert body["messages"][0]["content"].startswith("Be brief.")
    assert body["messages"][0]["content"].endswith('{"type":"object","properties":{}}')


@pytest.mark.parametrize(("fields", "limit"), [({}, 4096), ({"max_completion_tokens": 9}, 9)])
def test_fireworks_may_answer_at_length(fields: dict[str, Any], limit: int) -> None:
    document = {"messages": [{"role": "user", "content": "x"}], **fields}
    asked = cases.wire("fireworks").ask(cases.question(document))
    assert json.loads(asked.content)["max_tokens"] == limit


@pytest.mark.parametrize("kind", ["deepseek", "mistral"])
def test_sound_is_refused_by_who_does_not_know_it(kind: str) -> None:
    sound = {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}
    with pytest.raises(InvalidRequest) as caught:
        cases.wire(kind).ask(cases.question({"messages": [{"role": "user", "content": [sound]}]}))
    assert caught.value.param == "messages[0].content[0]"


def test_any_object_is_a_schema_to_perplexity() -> None:
    asked = cases.wire("perplexity").ask(
        cases.question(
            {"messages": [{"role": "user", "content": "x"}], "response_format": {"type": "json_object"}}
        )
    )
    assert json.loads(asked.content)["response_format"]["json_schema"]["schema"] == {"type": "object"}


@pytest.mark.parametrize("kind", [*answers.QUIRKS, "openai-compatible"])
def test_how_a_stream_was_cut_makes_no_difference(kind: str) -> None:
    stream = answers.stream(kind)
    expected = cases.kept(kind, "folded")["streamed"]
    assert cases.read(kind, [bytes([byte]) for byte in stream], "text/event-stream") == expected
    for place in range(1, len(stream), 29):
        pieces = [stream[:place], stream[place:]]
        assert cases.read(kind, pieces, "text/event-stream") == expected


@pytest.mark.parametrize("kind", cases.KINDS)
def test_whole_and_streamed_answers_say_the_same(kind: str) -> None:
    found = cases.folded(kind)
    whole, streamed = found["whole"], found["streamed"]
    assert whole["choices"][0]["message"] == streamed["choices"][0]["message"]
    assert whole["choices"][0]["finish_reason"] == streamed["choices"][0]["finish_reason"]
    assert whole["usage"] == streamed["usage"]


@pytest.mark.parametrize("kind", cases.KINDS)
def test_an_answer_is_one_of_openais_type(kind: str) -> None:
    judge = checker(ChatCompletion, close_open=False)
    for document in cases.folded(kind).values():
        message = document["choices"][0]["message"]
        assert message["reasoning_content"]
        assert "reasoning" not in message
        assert message["content"] == answers.TEXT
        assert document["choices"][0]["finish_reason"] == "tool_calls"
        # What the SDK's own constructor forgives: keys that may be null may be missing, too.
        message.setdefault("refusal", None)
        document["choices"][0].setdefault("logprobs", None)
        assert violations(judge, document) == []


def _without_extensions(document: dict[str, Any]) -> dict[str, Any]:
    messages = [
        {key: value for key, value in message.items() if key != "reasoning_content"}
        for message in document["messages"]
    ]
    return {**document, "messages": messages}


def test_openai_is_sent_what_its_types_allow() -> None:
    body = json.loads(cases.wire("openai").ask(cases.question(_without_extensions(cases.REQUEST))).content)
    judge = checker(CompletionCreateParamsStreaming)
    assert violations(judge, body) == []
    assert violations(judge, {**body, "top_k": 1}) != []


def test_mistral_is_sent_what_its_types_allow() -> None:
    body = cases.sent("mistral")["body"]
    judge = checker(ChatCompletionRequest)
    assert violations(judge, body) == []
    assert violations(judge, {**body, "seed": 1}) != []
    assert violations(judge, {**body, "messages": [{**body["messages"][-1], "name": "Ann"}]}) != []


def test_an_error_with_status_200_is_an_error() -> None:
    body = (
        cases.wire("minimax")
        .ask(cases.question({"messages": []}))
        .read(AnswerHead(media_type="application/json"))
    )
    list(body.feed(b'{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}'))
    with pytest.raises(UpstreamRefused) as caught:
        list(body.close())
    assert (caught.value.status, caught.value.message) == (402, "insufficient balance")


def test_a_users_row_needs_no_golden_file() -> None:
    own = Catalogue.load({"house": {"like": "groq", "base_url": "https://llm.house/v1"}}).row("house")
    assert isinstance(own, Row)
    assert own.dialect == cases.row("groq").dialect
