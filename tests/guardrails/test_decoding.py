"""Configuration into values: everything that is wrong is said at once, each with its way out."""

from typing import Literal

import msgspec
import pytest

from guardrails.decoding import ConfigError, decode, known_to, together


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    level: int = 1


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    needed: str
    how_many: int | None = None
    way: Literal["one", "two"] = "one"
    inner: Inner = Inner()
    names: tuple[str, ...] = ()


def said(value: object) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        decode(Thing, value, "a.b")
    return [str(one) for one in (raised.value, *raised.value.others)]


def test_what_fits_becomes_a_value() -> None:
    assert decode(Thing, {"needed": "x", "howMany": 2}, "a.b") == Thing(needed="x", how_many=2)


def test_everything_that_is_wrong_is_said_once() -> None:
    value = {"howMany": "2", "way": "three", "inner": {"level": "x"}, "names": ["a", 1], "neded": "x"}
    known = "needed, howMany, way, inner, names"
    assert sorted(said(value)) == [
        "a.b.howMany: Expected `int | null`, got `str`",
        "a.b.inner.level: Expected `int`, got `str`",
        "a.b.names[1]: Expected `str`, got `int`",
        f"a.b.neded: there is no such key; did you mean needed? known are {known}",
        "a.b.way: Invalid enum value 'three'; known are one, two",
        "a.b: `needed` is missing",
    ]


def test_what_is_no_mapping_is_one_mistake() -> None:
    assert said(5) == ["a.b: Expected `object`, got `int`"]


def test_a_name_like_none_of_those_known_means_none_of_them() -> None:
    assert known_to("zzz", ("email", "card")) == "known are email, card"
    assert known_to("emial", ("email", "card")) == "did you mean email? known are email, card"


def test_the_first_of_several_errors_has_all_the_others() -> None:
    first = ConfigError("a", "1", [ConfigError("b", "2")])
    both = together([first, ConfigError("c", "3")])
    assert [(one.path, one.message) for one in (both, *both.others)] == [("a", "1"), ("b", "2"), ("c", "3")]
