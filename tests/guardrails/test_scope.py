"""A guardrail hears what is in its scope and nothing else, whole and streamed."""

from typing import Literal

import pytest

from guardrails import Action, Coverage, Decision, Engine, Guardrail, Mode, OnError, Part, PartKind, Side
from guardrails.config import ConfigError, guardrail
from guardrails.names import Names
from guardrails.scope import EVERYTHING, AppliesTo, Scope
from tests.guardrails.planted import Broken, Groups, Judge, Whole, Word, policy

KEY = b"key of the tests"
USER = Scope(roles=frozenset({"user"}))
TEXT = Scope(kinds=frozenset({PartKind.TEXT}))
NEW = Scope(only_new=True)
CONTENT = "choices[0].message.content"
THOUGHT = "choices[0].message.reasoning"
ENTRY = {"checks": [{"length": {"max_chars": 3}}], "action": "block"}


def scoped(scope: Scope, one: Guardrail) -> Guardrail:
    return Guardrail(
        one.name, one.on, one.checks, one.action, one.mode, one.on_error, one.timeout_s, scope=scope
    )


def part(role: str, text: str, *, kind: PartKind = PartKind.TEXT, is_new: bool = True) -> Part:
    return Part(f"{role}.{kind}.{is_new}", text, kind, role, is_new)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (EVERYTHING, [True, True, True, True]),
        (USER, [True, False, True, False]),
        (TEXT, [True, True, False, True]),
        (NEW, [True, True, True, False]),
        (Scope(USER.roles, TEXT.kinds, only_new=True), [True, False, False, False]),
    ],
)
async def test_only_what_is_covered_is_heard(scope: Scope, covered: list[bool]) -> None:
    parts = [
        part("user", "a@b"),
        part("system", "c@d"),
        part("user", "e@f", kind=PartKind.FIELD),
        part("assistant", "g@h", is_new=False),
    ]
    word, judge = Word("mail", "[a-z]@[a-z]"), Judge()
    assert [scope.covers(one) for one in parts] == covered
    screening = await Engine([scoped(scope, policy(word, judge))], KEY).screen(parts)
    expected = [one for one, is_covered in zip(parts, covered, strict=True) if is_covered]
    assert list(screening.redacted) == [one.path for one in expected]
    assert word.asked == judge.judged == [one.text for one in expected]
    (verdict,) = screening.verdicts
    assert verdict.complete
    assert verdict.heard


async def test_a_check_that_guardrails_share_finds_for_each_what_is_its_own() -> None:
    word = Word("mail", "[a-z]@[a-z]")
    guardrails = [
        scoped(USER, policy(word, name="user")),
        policy(word, name="all", action=Action.BLOCK, mode=Mode.ENFORCE),
    ]
    screening = await Engine(guardrails, KEY).screen([part("system", "a@b"), part("user", "c@d")])
    found = [[finding.part for finding in verdict.findings] for verdict in screening.verdicts]
    assert found == [["user.text.True"], ["system.text.True", "user.text.True"]]


@pytest.mark.parametrize("mode", list(Mode))
async def test_one_that_heard_nothing_says_so(mode: Mode) -> None:
    engine = Engine([scoped(USER, policy(Word("mail", "@"), mode=mode)), policy(Word("x", "x"))], KEY)
    parts = [part("system", "a@b")]
    verdicts = await engine.observe(parts, await engine.screen(parts))
    assert [(verdict.decision, verdict.heard) for verdict in verdicts] == [
        (Decision.PASS, False),
        (Decision.PASS, True),
    ]
    screen = engine.output()
    await screen.feed(Part(CONTENT, "a@b", role="assistant"))
    await screen.finish(CONTENT)
    await screen.close()
    assert [verdict.heard for verdict in screen.verdicts()] == [False, True]


async def test_a_stream_is_held_for_whom_it_concerns_only() -> None:
    thinking = Scope(kinds=frozenset({PartKind.REASONING}))
    engine = Engine([scoped(thinking, policy(Whole(), Judge())), policy(Groups("n", "[0-9]"))], KEY)
    screen = engine.output()
    assert await screen.feed(Part(CONTENT, "xx 1", role="assistant")) == "xx "
    assert await screen.feed(Part(THOUGHT, "xx 1 and ", PartKind.REASONING, "assistant")) == ""
    assert await screen.feed(Part(CONTENT, " 2 ", role="assistant")) == ""
    assert await screen.finish(CONTENT) == "[N] "
    assert await screen.finish(THOUGHT) == "[PAIR] [N] and "
    assert screen.coverage == Coverage(16, 16, 10)


async def test_a_text_that_concerns_nobody_passes_at_once_and_counts() -> None:
    screen = Engine([scoped(USER, policy(Whole()))], KEY).output()
    assert await screen.feed(Part(CONTENT, "xx", role="assistant")) == "xx"
    assert await screen.finish(CONTENT) == ""
    assert screen.coverage == Coverage(2, 2, 2)


@pytest.mark.parametrize("on_error", list(OnError))
async def test_a_check_that_cannot_say_whether_it_is_open_fails_for_all_who_share_it(
    on_error: OnError,
) -> None:
    broken = Broken(KeyError(), opens=True)
    speaking = Scope(roles=frozenset({"assistant"}))
    guardrails = [policy(broken, on_error=on_error), scoped(speaking, policy(broken, on_error=on_error))]
    screen = Engine(guardrails, KEY).output()
    assert await screen.feed(Part(CONTENT, "hi ", role="assistant")) == ""
    assert [verdict.error for verdict in screen.verdicts()] == ["KeyError", "KeyError"]


async def test_roles_without_end_are_forgotten() -> None:
    engine = Engine([scoped(USER, policy(Word("mail", "@")))], KEY)
    parts = [part(f"role {i}", "@") for i in range(2_100)]
    assert (await engine.screen(parts)).redacted == {}


def test_configuration_says_what_a_guardrail_applies_to() -> None:
    applies_to = {"roles": ["user", "tool"], "parts": ["text"], "models": ["gpt-*"]}
    built = guardrail("g", {**ENTRY, "applies_to": applies_to, "parts": "new"})
    assert built.scope == Scope(frozenset({"user", "tool"}), frozenset({PartKind.TEXT}), only_new=True)
    assert built.models == Names(["gpt-*"])
    assert guardrail("g", ENTRY).scope == EVERYTHING
    assert guardrail("g", ENTRY).models is None


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"applies_to": {"roles": []}}, ".applies_to.roles", "says nothing"),
        ({"applies_to": {"parts": []}}, ".applies_to.parts", "says nothing"),
        ({"applies_to": {"models": [""]}}, ".applies_to.models", "says nothing"),
        ({"applies_to": {"roles": ["king"]}}, ".applies_to.roles[0]", "known are assistant, developer"),
        ({"applies_to": {"parts": ["image"]}}, ".applies_to.parts[0]", "known are text, tool_arguments"),
        ({"applies_to": {"tenants": []}}, ".applies_to.tenants", "known are roles, parts, models"),
        ({"parts": "old"}, ".parts", "known are"),
        ({"on": ["output"], "applies_to": {"roles": ["user"]}}, ".applies_to.roles", "the assistant's"),
    ],
)
def test_a_scope_that_means_nothing_is_refused(fields: dict[str, object], path: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        guardrail("g", {**ENTRY, **fields})
    assert caught.value.path == f"guardrails.g{path}"


def test_a_guardrail_concerns_the_models_it_names() -> None:
    one = Guardrail("g", frozenset(Side), (), Action.BLOCK, models=Names(["@openai/*"]))
    assert one.concerns("gpt-4o", "@openai/gpt-4o")
    assert not one.concerns("gpt-4o")
    assert Guardrail("g", frozenset(Side), (), Action.BLOCK).concerns()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"on": ["output"]}, "let the guardrail be on input"),
        ({"action": "redact", "checks": [{"regex": {"pattern": "x"}}]}, "cannot be redacted"),
        ({}, "none of its checks asks another service"),
    ],
)
def test_a_guardrail_that_cannot_be_heard_beside_a_provider_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        guardrail("g", {**ENTRY, "during": True, **fields})
    assert caught.value.path == "guardrails.g.during"


@pytest.mark.parametrize("named", ["system", "developer"])
def test_instructions_have_one_role_by_two_names(named: Literal["system", "developer"]) -> None:
    scope = AppliesTo(roles=(named,)).scope(only_new=False)
    heard = [scope.covers(Part("a", "b", role=role)) for role in ("system", "developer", "user")]
    assert heard == [True, True, False]
    assert AppliesTo(roles=(named, "user")).scope(only_new=False).covers(Part("a", "b", role="user"))
