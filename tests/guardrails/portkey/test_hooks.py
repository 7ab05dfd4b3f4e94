"""Hooks become guardrails: none that Portkey knows is misread, and none that nobody knows passes."""

from collections.abc import Mapping
from typing import Any

import pytest

from guardrails import Action, Checks, Engine, Guardrail, Mode, OnError, Part, Side
from guardrails.decoding import ConfigError
from guardrails.portkey.hook import Feedback, Hook, HookCheck, hooks_of
from guardrails.portkey.hook_fields import Form
from guardrails.portkey.hooks import read_hook
from tests.guardrails.remote.asked import Service

KEY = b"key of the tests"
CONTAINS = {"contains": {"words": ["forbidden"], "operator": "none"}}
QUESTION = Part("messages[0].content", "a forbidden word")
ANSWER = Part("choices[0].message.content", "a forbidden word", role="assistant")


def short(side: Any = Side.INPUT, checks: Any = None, **given: Any) -> Hook:
    return read_hook(given, side, "shorthand", "h", checks=checks or Checks())


def raw(*checks: Mapping[str, Any], side: Any = Side.INPUT, **given: Any) -> Hook:
    return read_hook({"checks": list(checks), **given}, side, "raw", "h", checks=Checks())


def only(hook: Hook) -> Guardrail:
    (guardrail,) = hook.guardrails
    return guardrail


def test_a_raw_hook_and_its_shorthand_are_one_guardrail() -> None:
    written = raw({"id": "default.contains", "parameters": CONTAINS["contains"]}, id="pg-1", deny=True)
    for hook in (written, short(id="pg-1", deny=True, **CONTAINS)):
        assert (hook.id, hook.side, hook.deny, hook.is_async, hook.type) == (
            "pg-1",
            Side.INPUT,
            True,
            False,
            "guardrail",
        )
        assert hook.checks == (HookCheck("default.contains"),)
        built = only(hook)
        assert (built.name, [*built.on], built.action) == ("pg-1", [Side.INPUT], Action.BLOCK)
        assert (built.mode, built.on_error, built.default) == (Mode.ENFORCE, OnError.BLOCK, False)


@pytest.mark.parametrize(
    ("given", "action", "mode", "tells"),
    [
        ({"deny": True}, Action.BLOCK, Mode.ENFORCE, False),
        ({"deny": False}, Action.FLAG, Mode.ENFORCE, True),
        ({}, Action.FLAG, Mode.ENFORCE, True),
        ({"deny": True, "async": True}, Action.BLOCK, Mode.MONITOR, False),
        ({"async": True}, Action.FLAG, Mode.MONITOR, False),
    ],
)
def test_deny_and_async_say_what_is_done(
    given: dict[str, Any], action: Action, mode: Mode, tells: bool
) -> None:
    built = only(short(**given, **CONTAINS))
    assert (built.action, built.mode, built.tells) == (action, mode, tells)


async def verdicts(hook: Hook, *parts: Part) -> tuple[str, bool]:
    """Return what is left of the last part, and whether the exchange ended."""
    engine = Engine(hook.guardrails, KEY)
    if hook.side is Side.INPUT:
        screened = await engine.screen(parts)
        return screened.redacted.get(parts[-1].path, parts[-1].text), screened.blocked is not None
    screen = engine.output(whole=True)
    left = "".join([await screen.feed(parts[-1]), await screen.finish(parts[-1].path)])
    await screen.complete()
    return left, screen.blocked is not None


@pytest.mark.parametrize(("side", "part"), [(Side.INPUT, QUESTION), (Side.OUTPUT, ANSWER)])
async def test_what_is_denied_ends_the_exchange(side: Side, part: Part) -> None:
    assert (await verdicts(short(side, deny=True, **CONTAINS), part))[1]
    assert not (await verdicts(short(side, **CONTAINS), part))[1]


@pytest.mark.parametrize(("side", "part"), [(Side.INPUT, QUESTION), (Side.OUTPUT, ANSWER)])
async def test_what_replaces_redacts_whether_it_denies_or_not(side: Side, part: Part) -> None:
    replace = {"regexReplace": {"rule": "forbidden", "redactText": "[GONE]"}}
    for deny in (True, False):
        hook = short(side, deny=deny, **replace)
        assert only(hook).action is Action.REDACT
        assert hook.checks == (HookCheck("default.regexReplace", judges=False),)
        assert await verdicts(hook, part) == ("a [GONE] word", False)


async def test_what_replaces_and_what_judges_are_two_guardrails_of_one_hook() -> None:
    hook = short(id="pg", deny=True, regexReplace={"rule": "word"}, **CONTAINS)
    assert [(one.name, one.action) for one in hook.guardrails] == [
        ("pg", Action.BLOCK),
        ("pg/redact", Action.REDACT),
    ]
    assert (await verdicts(hook, QUESTION))[1]
    clean = Part("messages[0].content", "a good word")
    assert await verdicts(hook, clean) == ("a good [REDACTED]", False)


async def test_every_check_judges_what_came_also_where_they_are_sequential() -> None:
    hook = short(deny=True, sequential=True, regexReplace={"rule": "forbidden"}, **CONTAINS)
    assert (await verdicts(hook, QUESTION))[1]


async def test_a_replacement_may_be_a_verdict_too() -> None:
    hook = short(deny=True, regexReplace={"rule": "forbidden", "failOnDetection": True})
    assert hook.checks[0].judges
    assert (await verdicts(hook, QUESTION))[1]


def test_one_check_may_be_used_twice_by_free_names() -> None:
    hook = short(a={"id": "regexReplace", "rule": "x"}, b={"id": "default.regexReplace", "rule": "y"})
    assert [one.id for one in hook.checks] == ["default.regexReplace"] * 2
    assert len(only(hook).checks) == 2


@pytest.mark.parametrize("name", ["modelwhitelist", "modelWhitelist", "default.modelwhitelist"])
def test_ids_are_known_however_portkeys_documents_spell_them(name: str) -> None:
    assert short(**{name: {"models": ["m"]}}).checks[0].id == "default.modelWhitelist"


@pytest.mark.parametrize("form", ["raw", "shorthand"])
def test_what_is_switched_off_is_not_asked(form: Form) -> None:
    off = {"words": ["x"], "is_enabled": False}
    if form == "shorthand":
        hook = short(contains=off, notNull={})
    else:
        hook = raw({"id": "contains", "parameters": {"words": ["x"]}, "is_enabled": False}, {"id": "notNull"})
    assert [one.id for one in hook.checks] == ["default.notNull"]


@pytest.mark.parametrize(
    ("given", "on_error"),
    [
        ({"deny": True, "contains": {"words": []}}, OnError.BLOCK),
        ({"deny": True, "contains": {"words": [], "failOnError": True}}, OnError.BLOCK),
        ({"deny": True, "contains": {"words": [], "failOnError": False}}, OnError.ALLOW),
        ({"contains": {"words": []}}, OnError.ALLOW),
        ({"regexReplace": {"rule": "x"}}, OnError.BLOCK),
        ({"regexReplace": {"rule": "x", "failOnError": False}}, OnError.ALLOW),
        (
            {"deny": True, "contains": {"words": [], "failOnError": False}, "notNull": {}},
            OnError.BLOCK,
        ),
    ],
)
def test_an_error_blocks_where_the_hook_denies_unless_it_is_excused(
    given: dict[str, Any], on_error: OnError
) -> None:
    assert only(short(**given)).on_error is on_error


async def test_our_own_checks_are_used_by_the_same_form() -> None:
    mail = Part("messages[0].content", "write to a@example.com")
    judging = short(deny=True, pii={"entities": ["email"]})
    assert judging.checks == (HookCheck("pii"),)
    assert (await verdicts(judging, mail))[1]
    redacting = short(pii={"entities": ["email"], "redact": True})
    assert await verdicts(redacting, mail) == ("write to [EMAIL]", False)
    mutating = short(type="mutator", pii={"entities": ["email"]})
    assert await verdicts(mutating, mail) == ("write to [EMAIL]", False)


def test_a_prefix_is_written_where_somebody_waits_for_the_hook() -> None:
    given = {"addPrefix": {"prefix": "Be brief. "}}
    for deny in (True, False):
        assert Engine(short(deny=deny, **given).guardrails, KEY).prefixes != ()
    assert Engine(short(**given, **{"async": True}).guardrails, KEY).prefixes == ()


def test_feedback_is_kept() -> None:
    on_fail = {"feedback": {"value": -1, "weight": 0.5, "metadata": {"why": "words"}}}
    hook = short(on_fail=on_fail, on_success={"feedback": {"value": 1}}, **CONTAINS)
    assert hook.on_fail == Feedback(value=-1, weight=0.5, metadata={"why": "words"})
    assert hook.on_success == Feedback(value=1)


def test_the_keys_of_a_hook_have_two_spellings() -> None:
    hook = raw(
        {"id": "notNull", "isEnabled": False}, {"id": "contains", "parameters": {"words": []}}, onFail=None
    )
    assert [one.id for one in hook.checks] == ["default.contains"]


def test_an_id_that_is_not_given_is_always_the_same() -> None:
    assert short(**CONTAINS).id == short(**CONTAINS).id != short(notNull={}).id
    assert short(**CONTAINS).id.startswith("input_guardrail_")
    assert short(Side.OUTPUT, **CONTAINS).id.startswith("output_guardrail_")


WRONG: list[tuple[Form, dict[str, Any], str, str]] = [
    ("shorthand", {}, "h", "has no check"),
    ("raw", {"id": "pg-1"}, "h", "has no check"),
    ("raw", {"checks": {}}, "h.checks", "expected an array"),
    ("shorthand", {"nobody": {}}, "h.nobody", "there is no check 'nobody'"),
    ("shorthand", {"azure.contentSafety": {}}, "h.azure.contentSafety", "there is no check"),
    ("raw", {"checks": [{"id": "portkey.pii"}]}, "h.checks[0].parameters", "there is no check"),
    ("shorthand", {"contains": {"words": "x"}}, "h.contains.words", "array"),
    ("shorthand", {"contains": {"wrds": []}}, "h.contains.wrds", "no such key"),
    ("raw", {"checks": [{"id": "regexMatch", "parameters": {"rule": "("}}]}, "h.checks[0].parameters.r", ""),
    ("shorthand", {"contains": "x"}, "h.contains", "parameters of a check"),
    ("shorthand", {"a": {"id": 7}}, "h.a.id", "id of a check"),
    ("shorthand", {"deny": "yes", "notNull": {}}, "h.deny", "bool"),
    ("shorthand", {"type": "observer", "notNull": {}}, "h.type", "observer"),
    ("shorthand", {"id": "a b", "notNull": {}}, "h.id", "matching"),
    ("shorthand", {"on_fail": {"deny": True}, "notNull": {}}, "h.on_fail.deny", "no such key"),
    ("raw", {"checks": [], "denny": True}, "h.denny", "no such key"),
    ("raw", {"checks": [{"id": "notNull", "enabled": True}]}, "h.checks[0].enabled", "no such key"),
    ("shorthand", {"metadata": {"redact": True}}, "h.metadata", ""),
]  # fmt: skip


@pytest.mark.parametrize(("form", "given", "path", "said"), WRONG)
def test_what_cannot_be_used_is_refused_with_its_path(
    form: Form, given: dict[str, Any], path: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_hook(given, Side.INPUT, form, "h", checks=Checks())
    assert caught.value.path.startswith(path)
    assert said in caught.value.message


def test_what_is_about_requests_does_not_look_at_answers() -> None:
    with pytest.raises(ConfigError, match="is about requests"):
        short(Side.OUTPUT, modelWhitelist={"models": ["m"]})


REMOTE = {
    "webhook": {"webhookURL": "http://10.0.0.1/"},
    "log": {"logURL": "http://10.0.0.1/"},
    "jwt": {"jwksUri": "http://10.0.0.1/"},
    "validUrls": {},
    "chat_guard": {"model": "@a/b", "family": "llama-guard"},
    "moderation": {"url": "http://10.0.0.1/"},
}


@pytest.mark.parametrize("kind", REMOTE)
def test_without_services_nothing_may_ask_another_one(kind: str) -> None:
    with pytest.raises(ConfigError, match="asks another service, which only a saved config may") as caught:
        short(**{kind: REMOTE[kind]})
    assert caught.value.path == f"h.{kind}"


def answer(verdict: bool, text: str | None = None) -> dict[str, Any]:
    changed = {"request": {"json": {"messages": [{"role": "user", "content": text}]}}}
    return {"verdict": verdict} | ({} if text is None else {"transformedData": changed})


@pytest.mark.parametrize(
    ("said", "deny", "left"),
    [
        (answer(True), True, ("a forbidden word", False)),
        (answer(False), True, ("", True)),
        (answer(False), False, ("a forbidden word", False)),
        (answer(True, "other"), True, ("other", False)),
        (answer(False, "other"), False, ("other", False)),
        (answer(False, "other"), True, ("", True)),
    ],
)
async def test_a_webhook_gives_its_verdict_and_changes_texts(
    said: dict[str, Any], deny: bool, left: tuple[str, bool]
) -> None:
    service = Service(lambda _: said)
    hook = short(checks=Checks(service.services), deny=deny, webhook={"webhookURL": "http://hook/"})
    text, blocked = await verdicts(hook, QUESTION)
    assert (text if not blocked else "", blocked) == left
    assert len(service.questions) == 1
    assert hook.guardrails[0].timeout_s == 3.0


def test_a_guardrail_of_our_own_form_is_a_hook_on_each_of_its_sides() -> None:
    (built,) = short(id="own", deny=True, pii={"entities": ["email"]}).guardrails
    (hook,) = hooks_of(built)
    assert (hook.id, hook.side, hook.deny, hook.guardrails) == ("own", Side.INPUT, True, (built,))
    assert [one.side for one in hooks_of(_both(built))] == [Side.INPUT, Side.OUTPUT]


def _both(one: Guardrail) -> Guardrail:
    return Guardrail(one.name, frozenset(Side), one.checks, Action.REDACT)
