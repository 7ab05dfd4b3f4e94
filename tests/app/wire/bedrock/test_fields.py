"""Parameters in Converse's words."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.bedrock.fields import converse_fields, inference_config, model_fields, take_refused
from app.wire.params import Params


def _params(**fields: Any) -> Params:
    return Params(fields, "drop", "a test")


def _inference(
    *, thinks: bool = False, either: bool = False, **fields: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    params = _params(**fields)
    config = inference_config(params, Abilities(temperature_or_top_p=either), None, thinks=thinks)
    return config, params.dropped


def test_what_everybody_knows_stands_in_the_inference_config() -> None:
    config = inference_config(_params(temperature=0.5, top_p=0, stop="x"), Abilities(), 9, thinks=False)
    assert config == {"maxTokens": 9, "temperature": 0.5, "topP": 0, "stopSequences": ["x"]}


def test_temperatures_end_at_one() -> None:
    assert _inference(temperature=2, top_p=-1) == ({"temperature": 1, "topP": 0}, ())


def test_blank_stops_stop_nothing() -> None:
    assert _inference(stop=["", " \n", "a"]) == ({"stopSequences": ["a"]}, ())
    assert _inference(stop=[]) == ({}, ())


def test_too_many_stops_are_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _inference(stop=["a"] * 2501)
    assert caught.value.param == "stop"


def test_of_two_that_exclude_each_other_temperature_stays() -> None:
    assert _inference(either=True, temperature=0.2, top_p=0.5) == ({"temperature": 0.2}, ("top_p",))
    assert _inference(either=True, top_p=0.5) == ({"topP": 0.5}, ())


def test_while_it_thinks_a_model_has_no_other_temperature() -> None:
    assert _inference(thinks=True, temperature=0.2, top_p=0.5) == ({}, ("temperature", "top_p"))
    assert _inference(thinks=True, temperature=1, top_p=0.95) == ({"temperature": 1, "topP": 0.95}, ())


@pytest.mark.parametrize(
    ("family", "fields", "own"),
    [
        ("anthropic", {"top_k": 5, "anthropic_beta": ["x"]}, {"top_k": 5, "anthropic_beta": ["x"]}),
        ("amazon.nova", {"top_k": 5}, {"inferenceConfig": {"topK": 5}}),
        ("mistral", {"top_k": 5}, {"top_k": 5}),
        ("cohere", {"top_k": 5, "seed": 1, "documents": []}, {"k": 5, "seed": 1, "documents": []}),
        ("ai21", {"presence_penalty": 1}, {"presence_penalty": 1}),
        ("meta", {"top_k": 5}, {}),
        ("", {"additional_model_request_fields": {"x": 1}}, {"x": 1}),
        ("anthropic", {"top_k": 5, "additionalModelRequestFields": {"top_k": 6}}, {"top_k": 6}),
    ],
)
def test_each_family_has_fields_of_its_own(family: str, fields: dict[str, Any], own: dict[str, Any]) -> None:
    assert model_fields(_params(**fields), family, thinks=False) == own


def test_while_it_thinks_a_model_takes_no_top_k() -> None:
    params = _params(top_k=5)
    assert model_fields(params, "anthropic", thinks=True) == {}
    assert params.dropped == ("top_k",)


def test_converses_own_fields_go_by_either_spelling() -> None:
    fields = converse_fields(
        _params(
            guardrail_config={"guardrail_identifier": "a", "stream_processing_mode": "sync"},
            performanceConfig={"latency": "optimized"},
            prompt_variables={"my_name": {"text": "x"}},
            additional_model_response_field_paths=["/a"],
            serviceTier={"type": "reserved"},
            requestMetadata={"my_team": "b"},
        ),
        stream=True,
    )
    assert fields == {
        "guardrailConfig": {"guardrailIdentifier": "a", "streamProcessingMode": "sync"},
        "performanceConfig": {"latency": "optimized"},
        "promptVariables": {"my_name": {"text": "x"}},
        "additionalModelResponseFieldPaths": ["/a"],
        "serviceTier": {"type": "reserved"},
        "requestMetadata": {"my_team": "b"},
    }


def test_a_mode_of_streams_is_only_for_streams() -> None:
    given = {"guardrailIdentifier": "a", "streamProcessingMode": "sync"}
    assert converse_fields(_params(guardrailConfig=given), stream=False) == {
        "guardrailConfig": {"guardrailIdentifier": "a"}
    }


@pytest.mark.parametrize(
    "field", ["guardrailConfig", "requestMetadata", "additionalModelResponseFieldPaths", "promptVariables"]
)
def test_a_field_of_the_wrong_type_is_named(field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        converse_fields(_params(**{field: "text"}), stream=False)
    assert caught.value.param == field


def test_more_fields_must_be_an_object() -> None:
    with pytest.raises(InvalidRequest):
        model_fields(_params(additionalModelRequestFields=[1]), "", thinks=False)


@pytest.mark.parametrize(
    ("tier", "said", "dropped"),
    [("auto", None, ()), ("default", None, ()), ("flex", "flex", ()), ("scale", None, ("service_tier",))],
)
def test_tiers_have_the_same_names_or_none(tier: str, said: str | None, dropped: tuple[str, ...]) -> None:
    params = _params(service_tier=tier)
    fields = converse_fields(params, stream=False)
    assert (fields.get("serviceTier", {}).get("type"), params.dropped) == (said, dropped)


def test_metadata_awss_logs_cannot_hold_is_left_out_and_said_to_be() -> None:
    params = _params(metadata={"team": "a-b", "name": "José", "": "x"} | {f"k{n}": "v" for n in range(20)})
    fields = converse_fields(params, stream=False)
    assert len(fields["requestMetadata"]) == 16
    assert "name" not in fields["requestMetadata"]
    assert params.dropped == ("metadata.*",)


def test_what_the_model_refuses_is_taken_away() -> None:
    params = _params(temperature=1, stop="x")
    take_refused(Abilities(refused=("temperature", "top_p")), params)
    assert params.dropped == ("temperature",)
    assert params.take("temperature") is None
    assert params.take("stop") == "x"
