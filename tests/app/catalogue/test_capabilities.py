"""What models can do, by patterns of their names."""

from typing import Any

import pytest

from app.catalogue.capabilities import Capabilities
from app.catalogue.problem import CatalogueError
from app.domain.abilities import Abilities


def _of(model: str, own: dict[str, Any], kind: str = "openai", format_name: str = "openai") -> Abilities:
    packaged = {"known": {"match": ["gpt-*", "*claude*"], "refused": ["n"], "vision": False}}
    return Capabilities.load(packaged, own).of(kind, format_name, model)


def test_a_model_nobody_has_said_anything_about_has_the_defaults() -> None:
    assert _of("unheard-of", {}) == Abilities()


def test_the_last_segment_of_a_name_is_enough() -> None:
    assert _of("openai/gpt-9", {}).vision is False


def test_case_makes_no_difference() -> None:
    assert _of("GPT-9", {}).vision is False


@pytest.mark.parametrize(
    ("model", "pattern"),
    [("owl-4.7", "owl-4-7"), ("owl-4-7", "owl-4.7"), ("owl-4.7-fast", "owl-4.*"), ("v/owl-4.7", "*owl-4-7*")],
)
def test_versions_may_have_points_or_hyphens(model: str, pattern: str) -> None:
    assert _of(model, {pattern: {"audio": True}}).audio is True


def test_a_point_that_parts_a_vendor_from_a_model_is_no_hyphen() -> None:
    assert _of("meta-llama4", {"meta.llama4": {"audio": True}}).audio is False


def test_a_pattern_fits_whole_names_only() -> None:
    assert _of("my-gpt-9", {}) == Abilities()


def test_patterns_add_up_field_by_field() -> None:
    assert _of("gpt-9", {"gpt-9": {"audio": True}}) == Abilities(refused=("n",), vision=False, audio=True)


def test_a_users_pattern_wins_however_short_it_is() -> None:
    assert _of("gpt-9", {"*": {"vision": True}}).vision is True


def test_of_two_patterns_the_one_with_more_letters_wins() -> None:
    own = {"gpt-9-mini*": {"efforts": ["low"]}, "gpt-9*": {"efforts": ["high"]}}
    assert _of("gpt-9-mini-2027", own).efforts == ("low",)


@pytest.mark.parametrize(
    ("scope", "is_meant"),
    [
        ({"kinds": ["openai"]}, True),
        ({"kinds": ["groq"]}, False),
        ({"formats": ["openai"]}, True),
        ({"formats": ["bedrock"]}, False),
    ],
)
def test_a_pattern_may_hold_for_some_providers_only(scope: dict[str, Any], is_meant: bool) -> None:
    assert _of("x", {"x": {"audio": True, **scope}}).audio is is_meant


def test_a_name_is_remembered_but_not_every_name() -> None:
    found = Capabilities.load({}, {"*": {"audio": True}})
    assert found.of("a", "openai", "x") is found.of("a", "openai", "x")
    for number in range(5000):
        found.of("a", "openai", str(number))
    assert len(found._cached) <= 4096


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"vison": True}, "models.x.vison"),
        ({"efforts": ["low", 7]}, "models.x.efforts[1]"),
        ({"formats": ["smoke"]}, "models.x.formats[0]"),
        ("all", "models.x"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(fields: Any, path: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Capabilities.load({}, {"x": fields})
    assert caught.value.path == path
