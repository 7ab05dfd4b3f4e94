"""Entries of `handrail.yaml` become guardrails, and mistakes say where they are."""

import datetime as dt

import pytest

from guardrails.config import Checks, ConfigError, guardrail
from guardrails.panel import Panel
from guardrails.remote.moderation import ModerationCheck
from guardrails.verdict import Action, Mode, OnError, Side
from tests.guardrails.remote.asked import Service


def test_an_entry_needs_only_checks_and_an_action() -> None:
    made = guardrail("no-secrets", {"checks": [{"secrets": {}}], "action": "block"})
    assert made.name == "no-secrets"
    assert made.on == {Side.INPUT, Side.OUTPUT}
    assert made.action is Action.BLOCK
    assert made.mode is Mode.ENFORCE
    assert made.on_error is OnError.BLOCK
    assert made.timeout_s == 1.0
    assert made.default is True


def test_every_key_reaches_the_guardrail() -> None:
    made = guardrail(
        "privacy",
        {
            "on": ["input"],
            "checks": [{"pii": {"entities": ["card"]}}, {"length": {"max_chars": 3}}],
            "action": "flag",
            "mode": "monitor",
            "on_error": "allow",
            "timeout_ms": 250,
            "default": False,
        },
    )
    assert made.on == {Side.INPUT}
    assert [check.kind for check in made.checks] == ["pii", "length"]
    assert (made.mode, made.on_error, made.timeout_s, made.default) == (
        Mode.MONITOR,
        OnError.ALLOW,
        0.25,
        False,
    )


def test_a_check_without_keys_may_be_left_empty() -> None:
    made = guardrail("g", {"checks": [{"secrets": None}], "action": "block"})
    assert [check.kind for check in made.checks] == ["secrets"]


GOOD: dict[str, object] = {"checks": [{"secrets": {}}], "action": "block"}
WRONG: tuple[tuple[dict[str, object], str, str], ...] = (
    ({"action": "deny"}, "guardrails.g.action", "block, redact, flag"),
    ({"actoin": "block"}, "guardrails.g.actoin", "known are"),
    ({"on": []}, "guardrails.g.on", "input"),
    ({"on": ["input", "inout"]}, "guardrails.g.on[1]", "input, output"),
    ({"mode": "off"}, "guardrails.g.mode", "enforce, monitor"),
    ({"timeout_ms": 0}, "guardrails.g.timeout_ms", "1"),
    ({"default": "yes"}, "guardrails.g.default", "bool"),
    ({"checks": []}, "guardrails.g.checks", "at least one"),
    ({"checks": [5]}, "guardrails.g.checks[0]", "object"),
    (
        {"checks": [{"secrets": {}}, {"secret": {}}]},
        "guardrails.g.checks[1].secret",
        "moderation, pii, presidio, regex, request_types, secrets",
    ),
    ({"checks": [{"secrets": {}, "pii": {}}]}, "guardrails.g.checks[0]", "2 keys"),
    ({"checks": [{"secrets": {"rule": []}}]}, "guardrails.g.checks[0].secrets.rule", "rules"),
    ({"checks": [{"secrets": {"rules": []}}]}, "guardrails.g.checks[0].secrets.rules", "at least one"),
    (
        {"checks": [{"secrets": {"rules": ["jwt", "x"]}}]},
        "guardrails.g.checks[0].secrets.rules[1]",
        "github_token",
    ),
    (
        {"checks": [{"pii": {"entities": ["email", "card", "mail"]}}]},
        "guardrails.g.checks[0].pii.entities[2]",
        "email",
    ),
    ({"checks": [{"pii": {"entities": []}}]}, "guardrails.g.checks[0].pii.entities", "at least one"),
    ({"checks": [{"pii": {"regions": ["US", "UK"]}}]}, "guardrails.g.checks[0].pii.regions[1]", "ISO 3166"),
    ({"checks": [{"regex": {}}]}, "guardrails.g.checks[0].regex", "pattern"),
    ({"checks": [{"regex": {"pattern": []}}]}, "guardrails.g.checks[0].regex.pattern", "at least one"),
    ({"checks": [{"regex": {"pattern": "("}}]}, "guardrails.g.checks[0].regex.pattern", "missing )"),
    ({"checks": [{"regex": {"pattern": ["a", "(?=b)"]}}]}, "guardrails.g.checks[0].regex.pattern[1]", "RE2"),
    ({"checks": [{"regex": {"pattern": "a*"}}]}, "guardrails.g.checks[0].regex.pattern", "empty string"),
    ({"checks": [{"regex": {"pattern": r"\b"}}]}, "guardrails.g.checks[0].regex.pattern", "empty string"),
    ({"checks": [{"regex": {"pattern": r"a\Cb"}}]}, "guardrails.g.checks[0].regex.pattern", "byte"),
    (
        {"checks": [{"regex": {"pattern": "a", "per": "page"}}]},
        "guardrails.g.checks[0].regex.per",
        "line, text, word",
    ),
    ({"checks": [{"regex": {"pattern": "a", "name": "two words"}}]}, "guardrails.g.checks[0].regex.name", ""),
    ({"checks": [{"words": {}}]}, "guardrails.g.checks[0].words", "deny"),
    ({"checks": [{"words": {"deny": ["a", " "]}}]}, "guardrails.g.checks[0].words.deny[1]", "blank"),
    ({"checks": [{"words": {"allow": "a"}}]}, "guardrails.g.checks[0].words.allow", "array"),
    ({"checks": [{"length": {}}]}, "guardrails.g.checks[0].length", "max_chars"),
    ({"checks": [{"length": {"max_chars": 0}}]}, "guardrails.g.checks[0].length.max_chars", "1"),
    (
        {"checks": [{"length": {"max_chars": 3, "min_chars": 4}}]},
        "guardrails.g.checks[0].length.min_chars",
        "greater",
    ),
    (
        {"checks": [{"secrets": {}}, {"length": {"max_chars": 3}}], "action": "redact"},
        "guardrails.g.checks[1].length",
        "redact",
    ),
)


@pytest.mark.parametrize(("change", "path", "way_out"), WRONG, ids=lambda value: str(value)[:60])
def test_a_mistake_is_named_with_its_path_and_a_way_out(
    change: dict[str, object], path: str, way_out: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        guardrail("g", GOOD | change)
    assert raised.value.path == path
    assert way_out in raised.value.message
    assert str(raised.value) == f"{path}: {raised.value.message}"


def test_a_check_that_needs_no_configuration_may_stand_by_its_name() -> None:
    spellings: list[list[object]] = [["pii"], [{"pii": {}}]]
    named, spelled_out = (guardrail("g", GOOD | {"checks": checks}).checks for checks in spellings)
    assert [check.kind for check in named] == [check.kind for check in spelled_out]
    with pytest.raises(ConfigError, match=r"g\.checks\[0\].*pi"):
        guardrail("g", GOOD | {"checks": ["pi"]})


def test_all_mistakes_of_an_entry_and_of_its_checks_are_said_at_once() -> None:
    checks = [{"pii": {"entities": ["emial"]}}, 5, {"words": {}}, {"length": {"max_char": 3, "min_chars": 0}}]
    for entry, own in (
        ({"action": "deny", "checks": checks}, {"g.action", "g.checks[1]"}),
        ({"action": "flag", "on": [], "checks": [checks[0], *checks[2:]]}, {"g.on"}),
    ):
        with pytest.raises(ConfigError) as raised:
            guardrail("g", entry, "g")
        paths = {one.path for one in (raised.value, *raised.value.others)}
        places = {path.partition("checks[")[2][1:] for path in paths - own}
        assert own <= paths
        assert places == {"].pii.entities[0]", "].words", "].length.max_char", "].length.min_chars"}


@pytest.mark.parametrize("missing", ["checks", "action"])
def test_checks_and_action_must_be_given(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        guardrail("g", {key: value for key, value in GOOD.items() if key != missing})


def test_the_path_of_an_entry_that_stands_elsewhere_is_the_callers() -> None:
    with pytest.raises(ConfigError) as raised:
        guardrail("g", GOOD | {"on": 1}, "input_guardrails[0]")
    assert raised.value.path == "input_guardrails[0].on"


def test_equal_checks_of_one_configuration_are_one_and_are_asked_once() -> None:
    checks = Checks()
    first, second, third = (
        guardrail(f"g{i}", {"checks": items, "action": "block"}, checks=checks)
        for i, items in enumerate(
            (
                [{"pii": {}}, {"length": {"max_chars": 9, "min_chars": 1}}],
                [{"length": {"min_chars": 1, "max_chars": 9}}, {"pii": None}],
                [{"pii": {"entities": ["email"]}}, {"length": {"max_chars": 9}}],
            )
        )
    )
    assert first.checks == (second.checks[1], second.checks[0])
    assert not {id(check) for check in first.checks} & {id(check) for check in third.checks}
    assert len(Panel([first, second]).local) == 2
    assert len(Panel([first, second, third]).local) == 4


def test_what_comes_first_decides_nothing_where_the_order_counts() -> None:
    checks = Checks()
    one, other = (
        guardrail("g", {"checks": [{"regex": {"pattern": pattern}}], "action": "block"}, checks=checks)
        for pattern in (["a", "b"], ["b", "a"])
    )
    assert one.checks != other.checks


def test_checks_of_two_configurations_are_never_the_same() -> None:
    one, other = (guardrail("g", GOOD, checks=Checks()) for _ in range(2))
    assert one.checks != other.checks
    assert guardrail("g", GOOD).checks != guardrail("g", GOOD).checks


def test_a_word_that_looks_like_a_date_is_not_a_date() -> None:
    checks = Checks()
    checks.check({"words": {"deny": ["2024-01-02"]}}, "a")
    with pytest.raises(ConfigError) as raised:
        checks.check({"words": {"deny": [dt.date(2024, 1, 2)]}}, "b")
    assert raised.value.path == "b.words.deny[0]"


def test_a_remote_check_needs_the_services_of_the_host() -> None:
    with pytest.raises(ConfigError) as caught:
        guardrail("g", {"checks": [{"moderation": None}], "action": "block"})
    assert caught.value.path == "guardrails.g.checks[0].moderation"
    assert "services" in caught.value.message


def test_a_remote_check_has_the_patience_of_its_guardrail_unless_it_says_otherwise() -> None:
    checks = Checks(Service().services)

    def built(timeout_ms: int, config: dict[str, object] | None) -> ModerationCheck:
        spec = {"checks": [{"moderation": config}], "action": "block", "timeout_ms": timeout_ms}
        (check,) = guardrail("g", spec, checks=checks).checks
        assert isinstance(check, ModerationCheck)
        return check

    assert built(500, None) is built(500, {})
    assert built(500, None) is built(900, {"timeout_ms": 500})
    assert built(500, None) is not built(900, None)
