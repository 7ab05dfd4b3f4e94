"""Anthropic's format whole: what we send is valid by the vendor's own types, what it answers is read."""

import json
from typing import Any

import jsonschema
import pytest
from anthropic.types.message_create_params import MessageCreateParams
from anthropic.types.model_info import ModelInfo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.catalogue import Catalogue
from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest, UpstreamBroken
from app.wire.anthropic.format import AnthropicFormat
from app.wire.anthropic.request import SAMPLING
from app.wire.format import AnswerHead, Format, Question
from tests.conversations import documents
from tests.emulators.anthropic_rules import broken_rule
from tests.golden import anthropic_cases as cases
from tests.oracles import checker, violations

OLD = jsonschema.Draft202012Validator(cases.load(cases.SCHEMA_2023))
"""The types of wire version 2023-06-01."""
NOT_TYPED = {"thinking_given"}
"""Has a field of a beta, which the types of the stable API do not know."""
ABILITIES = [
    Abilities(thinking="adaptive", system_in_turns=True),
    Abilities(thinking="budget", max_output_tokens=8192),
    Abilities(thinking="adaptive", always_thinks=True, refused=("temperature", "top_p", "top_k")),
    Abilities(structured_output="tool", temperature_or_top_p=True),
    Abilities(strict_tools=False, structured_output_with_tools=False),
    *(
        Catalogue.load().abilities("anthropic", f"claude-{name}")
        for name in (
            "3-5-haiku-latest",
            "3-7-sonnet-latest",
            "opus-4-1",
            "sonnet-4-5",
            "opus-4-6",
            "opus-4-8",
            "opus-5-5",
            "sonnet-5",
        )
    ),
]
"""Some that differ, and those of models that are."""


def validator(body: dict[str, Any]) -> Any:
    is_old = any(name in body for name in SAMPLING)
    return OLD if is_old else checker(MessageCreateParams, close_open=False)


def assert_valid(body: dict[str, Any]) -> None:
    assert violations(validator(body), body) == []
    assert broken_rule(body) is None


@pytest.mark.parametrize("name", cases.QUESTIONS)
def test_a_question_is_said_as_it_was_reviewed(name: str) -> None:
    assert cases.asked(name) == cases.load(f"{name}.asked.json")


@pytest.mark.parametrize("name", sorted(set(cases.QUESTIONS) - NOT_TYPED))
def test_what_was_reviewed_is_valid_by_the_vendor_s_types(name: str) -> None:
    body = dict(cases.load(f"{name}.asked.json")["body"])
    if body.pop("anthropic_version", None) is not None:
        body["model"] = "claude-x"
    assert_valid(body)


def test_the_vendor_s_types_see_what_is_wrong() -> None:
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    assert_valid(body)
    assert violations(validator(body), {**body, "seed": 1})
    assert violations(validator(body), {**body, "temperature": 1})
    wrong = {"type": "image", "source": {"type": "base64", "media_type": "image/tiff", "data": ""}}
    for sampling in ({}, {"temperature": 1}):
        said = {**body, **sampling, "messages": [{"role": "user", "content": [wrong]}]}
        assert violations(validator(said), said)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(audio=False), st.sampled_from(ABILITIES))
def test_whatever_is_asked_is_valid(document: dict[str, Any], abilities: Abilities) -> None:
    question = Question(document=document, model="claude-x", abilities=abilities)
    before = json.dumps(document)
    try:
        asked = AnthropicFormat().ask(question)
    except InvalidRequest as error:
        refused = error.param
    else:
        refused = None
        assert_valid(json.loads(asked.content))
    # Refused is what holds no text at all, a tool that is forced on a model that always thinks, and an answer
    # that has begun where the model begins its own.
    begun = [f"messages[{i}]" for i, said in enumerate(document["messages"]) if said["role"] == "assistant"][
        -1:
    ]
    expected = {None, "messages", *(["tool_choice"] if abilities.always_thinks else [])}
    assert refused in (expected if abilities.prefill else {*expected, *begun})
    assert json.dumps(document) == before, "the caller's document is nobody's to change"


@given(documents(remote=False, audio=False))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
def test_vertex_gets_the_same_without_the_model(document: dict[str, Any]) -> None:
    question = Question(document=document, model="claude-x@1", stream=True)
    try:
        theirs = json.loads(AnthropicFormat("vertex").ask(question).content)
    except InvalidRequest:
        return
    own = json.loads(AnthropicFormat().ask(question).content)
    assert theirs.pop("anthropic_version") == "vertex-2023-10-16"
    assert theirs == {key: value for key, value in own.items() if key != "model"}


def test_vertex_loads_no_images() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://images.example/a.png"}}
    document = {"messages": [{"role": "user", "content": [part]}]}
    with pytest.raises(InvalidRequest) as caught:
        AnthropicFormat("vertex").ask(Question(document=document, model="m"))
    assert caught.value.param == "messages[0].content[0].image_url.url"


def test_the_configured_version_gives_way_to_sampling() -> None:
    document: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
    form: Format = AnthropicFormat(version="2026-10-21", betas=("b",))
    plain = form.ask(Question(document={**document, "betas": ["c", "b"]}, model="m"))
    assert plain.headers == {"anthropic-version": "2026-10-21", "anthropic-beta": "b,c"}
    sampled = form.ask(Question(document={**document, "top_k": 3}, model="m"))
    assert sampled.headers["anthropic-version"] == "2023-06-01"


def test_an_answer_that_is_neither_json_nor_a_stream_is_broken() -> None:
    document = {"messages": [{"role": "user", "content": "Hi"}]}
    asked = AnthropicFormat().ask(Question(document=document, model="m"))
    assert asked.read(AnswerHead(media_type="application/json")).done is False
    with pytest.raises(UpstreamBroken):
        asked.read(AnswerHead(media_type="text/html"))


def test_models_are_listed_as_openai_does() -> None:
    listed = {
        "type": "model",
        "id": "claude-x",
        "display_name": "Claude X",
        "created_at": "2026-02-19T00:00:00Z",
        "lifecycle": "active",
    }
    ModelInfo.model_validate(listed)
    form = AnthropicFormat()
    assert form.models(
        {"data": [listed, {"id": None}, {"id": "y", "created_at": "?"}], "has_more": False}
    ) == (
        {
            "id": "claude-x",
            "object": "model",
            "created": 1771459200,
            "owned_by": "anthropic",
            "display_name": "Claude X",
        },
        {"id": "y", "object": "model", "created": 0, "owned_by": "anthropic"},
    )
    with pytest.raises(UpstreamBroken):
        form.models({"data": None})


def test_vertex_lists_no_models() -> None:
    assert AnthropicFormat().models_path == "models?limit=1000"
    assert AnthropicFormat("vertex").models_path is None
