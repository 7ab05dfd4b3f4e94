"""Patterns of the operator's own, unit by unit."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import Match, Run
from guardrails.checks.patterns import compiled
from guardrails.checks.units import Unit, units
from guardrails.decoding import ConfigError
from tests.guardrails.checks.finding import built, found, values


def test_a_pattern_is_applied_to_each_line_unless_said_otherwise() -> None:
    check = built("regex", {"pattern": r"^\w+ \w+$"})
    assert values(check, "one two\none\nthree four") == ["one two", "three four"]


def test_a_line_ends_at_a_line_feed_only() -> None:
    check = built("regex", {"pattern": r"a.b"})
    assert values(check, "a\nb a\rb a\u2028b") == ["a\rb", "a\u2028b"]


def test_per_word_a_pattern_sees_one_word_at_a_time() -> None:
    check = built("regex", {"pattern": r"^\d+$", "per": "word"})
    assert values(check, "12 a34 56\u00a078\t9") == ["12", "56", "78", "9"]


def test_per_text_a_pattern_sees_all() -> None:
    check = built("regex", {"pattern": r"(?s)^call.*bank$", "per": "text"})
    assert values(check, "call\nthe bank") == ["call\nthe bank"]
    assert check.is_open("call\n", 0)


def test_a_match_never_crosses_its_unit() -> None:
    assert values(built("regex", {"pattern": r"a\s+b"}), "a b a\nb") == ["a b"]
    assert values(built("regex", {"pattern": r"a\s+b", "per": "word"}), "a b") == []


def test_case_can_be_ignored() -> None:
    assert values(built("regex", {"pattern": "secret"}), "Secret secret") == ["secret"]
    assert values(built("regex", {"pattern": "secret", "ignore_case": True}), "Secret secret") == [
        "Secret",
        "secret",
    ]


def test_rule_and_replacement_come_from_the_configuration() -> None:
    check = built("regex", {"pattern": r"EMP-\d{4}", "name": "employee", "replace": "EMP-xxxx"})
    assert check.find(Run("see EMP-1234.")) == [Match("employee", 4, 12, replacement="EMP-xxxx")]


def test_each_pattern_of_a_list_may_have_its_own_name_and_replacement() -> None:
    check = built(
        "regex",
        {
            "pattern": [
                "a+",
                {"pattern": "b+", "name": "bees"},
                {"pattern": r"(?P<first>c)c*", "replace": "$<first>*"},
                {"pattern": "d", "name": "dee", "replace": "$$"},
            ],
            "name": "letters",
            "replace": "-",
        },
    )
    assert check.find(Run("aabbcccd")) == [
        Match("letters", 0, 2, replacement="-"),
        Match("bees", 2, 4, replacement="-"),
        Match("letters", 4, 7, replacement="c*", quotes=True),
        Match("dee", 7, 8, replacement="$"),
    ]


def test_a_replacement_may_keep_what_groups_matched() -> None:
    check = built("regex", {"pattern": r"(\d{4})-(\d{4})(-x)?", "replace": "$1-****$3", "per": "word"})
    assert [match.replacement for match in check.find(Run("né 1234-5678 4321-8765-x"))] == [
        "1234-****",
        "4321-****-x",
    ]


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"pattern": "a(?=b)"}, ".pattern", r"\(\?="),
        ({"pattern": "(?<!a)b"}, ".pattern", r"RE2 does not take"),
        ({"pattern": ["a", r"(a)\1"]}, ".pattern[1]", r"RE2 does not take this pattern: .*\\1"),
        ({"pattern": "a{1001}"}, ".pattern", "1001|repeat|repetition"),
        ({"pattern": "((a{100}){100}){100}"}, ".pattern", "RE2 does not take"),
        ({"pattern": ["a", {"pattern": "b*"}]}, ".pattern[1].pattern", "matches the empty string"),
        ({"pattern": [{"pattern": "b", "nam": "x"}]}, ".pattern[0].nam", "known are pattern, name, replace"),
        ({"pattern": [{"name": "x"}]}, ".pattern[0]", "pattern"),
        ({"pattern": []}, ".pattern", "at least one"),
        ({"pattern": ["a"] * 1_001}, ".pattern", "1,000 at most"),
        ({"pattern": "a" * 8_193}, ".pattern", "words"),
        ({"pattern": "a", "replace": "$1"}, ".replace", r"no group 1; a dollar sign is written \$\$"),
        ({"pattern": ["a", {"pattern": "(b)", "replace": "$2"}]}, ".pattern[1].replace", "no group 2"),
        ({"pattern": "a", "replace": "$<x>"}, ".replace", "no group x"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason(
    config: dict[str, object], path: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        built("regex", config)
    assert raised.value.path == f"guardrails.any.checks[0].regex{path}"


def test_all_patterns_are_found_and_ordered_by_place() -> None:
    check = built("regex", {"pattern": ["b+", "abb", "c"]})
    assert values(check, "c abb") == ["c", "abb", "bb"]


def test_places_are_code_points() -> None:
    assert found(built("regex", {"pattern": "é+"}), "naïve \U0001f600 éé!") == [("regex", "éé")]


@pytest.mark.parametrize(
    ("per", "text", "is_open"),
    [
        ("word", "foo ", False),
        ("word", "foo\u3000", False),
        ("word", "中", True),
        ("line", "foo ", True),
        ("line", "foo\r\n", False),
        ("line", "中", True),
        ("text", "foo\n", True),
    ],
)
def test_a_unit_that_goes_on_is_open(per: str, text: str, is_open: bool) -> None:
    assert built("regex", {"pattern": "a", "per": per}).is_open(text, 0) is is_open


@pytest.mark.parametrize(
    ("per", "pattern", "has_trigger"),
    [
        ("line", r"\bfoo\b", True),
        ("line", r"^foo$", True),
        ("line", r"\Afoo", False),
        ("line", r"foo\z", False),
        ("line", r"(?-m)^foo", False),
        ("line", r"(?i-m:^foo)", False),
        ("line", r"\\Afoo", True),
        ("word", r"\bfoo", True),
        ("word", r"[^a]foo", True),
        ("word", r"^foo", False),
        ("word", r"a|^foo", False),
        ("word", r"foo$", False),
        ("word", r"\^foo\$", True),
        ("word", r"\[^foo", False),
        ("word", r"\Q[\E^foo", False),
        ("text", r"\Afoo\z", True),
    ],
)
def test_a_trigger_is_only_given_where_it_means_the_same_in_a_text(
    per: str, pattern: str, has_trigger: bool
) -> None:
    assert bool(built("regex", {"pattern": pattern, "per": per}).triggers) is has_trigger


def test_without_a_trigger_for_one_pattern_there_is_none_for_all() -> None:
    assert built("regex", {"pattern": ["foo", "^bar"], "per": "word"}).triggers == ()


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(alphabet="ab1 \n\u00a0中", max_size=30),
    per=st.sampled_from(["word", "line"]),
    pattern=st.sampled_from(
        [
            r"ab",
            r"\ba",
            r"b\b",
            r"\B1",
            r"a\s*b|b",
            r"[^a]+",
            r"1.?a",
            r"(?s)a.b",
            r"(?U)a+",
            r".+",
            r"^a",
            r"b$",
            r"^.$|b1",
        ]
    ),
)
def test_a_hint_leaves_out_no_unit_in_which_the_pattern_matches(text: str, per: Unit, pattern: str) -> None:
    def by(hint: str | None) -> list[tuple[int, str]]:
        chosen = units(text, per, compiled(hint) if hint else None)
        return [(start, unit) for start, unit in chosen if re2.search(pattern, unit)]

    assert by(f"(?m:{pattern})") == by(None)
