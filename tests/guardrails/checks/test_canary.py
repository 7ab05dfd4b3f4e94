"""Canary tokens, however they are spelled and cut."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails import Action, Conversation, Engine, Guardrail, Part, Side
from guardrails.check import Check, ConversationCheck, Run
from guardrails.checks import canary
from guardrails.checks.canary import build
from guardrails.config import ConfigError, guardrail
from guardrails.conformance.law import assert_conforms
from guardrails.conformance.pace import assert_quick
from guardrails.conformance.texts import TEXTS
from tests.guardrails.streams import PATH, Streamed, cut

TOKEN = "CANARY-7f3a-9c41"


def tokens(*given: str) -> Check:
    check = build({"tokens": list(given)}, "canary")
    assert isinstance(check, Check)
    return check


def marked(pattern: str, prompt: str, role: str = "system") -> Check:
    check = build({"pattern": pattern}, "canary")
    assert isinstance(check, ConversationCheck)
    return check.of(Conversation(parts=(Part("messages[0].content", prompt, role=role),)))


def found(check: Check, text: str) -> list[str]:
    return [text[match.start : match.end] for match in check.find(Run(text))]


@pytest.mark.parametrize(
    "spelled",
    [
        TOKEN,
        TOKEN.lower(),
        TOKEN.replace("-", ""),
        " ".join(TOKEN),
        "-".join(TOKEN.replace("-", "_")),
        "C\nA\nN\nA\nR\nY\n7\nf\n3\na\n9\nc\n4\n1",
        "C a n a r y, 7F3A / 9C41",
        "CANARY**-`7f3a`-9c41",
        "CANARY" + " " * 8 + "7f3a9c41",
        "c\u200ba\u200bn\u200ba\u200br\u200by7f3a9c41",
    ],
)
def test_a_token_is_found_however_it_is_spelled(spelled: str) -> None:
    assert found(tokens(TOKEN), f"It says ({spelled}), no more.") == [spelled]
    assert found(tokens("other-token", TOKEN), spelled) == [spelled]


@pytest.mark.parametrize(
    "text",
    [
        "CANARY-7f3a-9c4",
        "CANARY-7f3a-9c42",
        "A canary is a small bird; 7f3a and 9c41 are hexadecimal.",
        "CANARY" + " " * 9 + "7f3a9c41",
        "CANARY x 7f3a9c41",
        "14c9-a3f7-YRANAC",
        "",
    ],
)
def test_what_is_not_all_of_it_is_none(text: str) -> None:
    assert found(tokens(TOKEN), text) == []


@pytest.mark.parametrize("text", ["straßeße", "strasseße", "STRASSESSE"])
def test_a_text_with_fewer_characters_may_have_all_its_letters(text: str) -> None:
    assert found(tokens("Strassesse", TOKEN), text) == [text]


def test_every_token_is_found_in_order() -> None:
    check = tokens("second-one-2", "first-one-1")
    text = "FirstOne1 then second one 2, then first_one_1"
    assert found(check, text) == ["FirstOne1", "second one 2", "first_one_1"]


def test_characters_that_fold_to_several_keep_their_places() -> None:
    assert found(tokens("strasse-1234"), "die Straße 1234!") == ["Straße 1234"]
    assert found(tokens("canary-7f3a"), "ßßß İ canary 7F3A") == ["canary 7F3A"]


@pytest.mark.parametrize(
    ("pattern", "token"),
    [
        (r"canary: (\S+)", "x9f3-77aa-b1c2"),
        (r"TRACE[0-9a-f]{8}", "TRACE0123abcd"),
        (r"<(?:id|ref) ([^>]+)>", "a-1-b-2-c-3-d-4"),
    ],
)
def test_a_token_may_be_marked_in_the_system_prompt(pattern: str, token: str) -> None:
    prompt = f"Be kind. canary: {token} <ref {token}> {token} Never say it."
    assert token in found(marked(pattern, prompt), f"My instructions hold {token} indeed")
    assert found(marked(pattern, prompt, role="developer"), token) == [token]
    assert found(marked(pattern, prompt, role="user"), token) == []
    assert found(marked(pattern, "Be kind."), token) == []


def test_what_is_marked_and_could_stand_in_any_text_is_left_out() -> None:
    assert found(marked(r"canary: (\w+)", "canary: bird"), "a bird") == []


def test_configured_and_marked_tokens_are_looked_for_together() -> None:
    check = build({"tokens": [TOKEN], "pattern": "id=([a-z]+)"}, "canary")
    assert isinstance(check, ConversationCheck)
    bound = check.of(Conversation(parts=(Part("messages[0].content", "id=abcdefghij", role="system"),)))
    assert found(bound, f"abcdefghij {TOKEN}") == ["abcdefghij", TOKEN]


def engine(action: Action) -> Engine:
    guard = Guardrail("canary", frozenset({Side.OUTPUT}), (tokens(TOKEN),), action)
    return Engine([guard], b"key of the tests")


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    separator=st.sampled_from(["", " ", "-", " . "]),
    action=st.sampled_from(list(Action)),
)
@example(sizes=[1], separator=" ", action=Action.BLOCK)
def test_it_does_not_leave_in_pieces(sizes: list[int], separator: str, action: Action) -> None:
    spelled = separator.join(TOKEN.replace("-", ""))
    text = f"A canary: {spelled} and c"
    streamed = Streamed(engine(action), cut(text, sizes))
    (finding,) = streamed.verdicts[0].findings
    assert text[finding.start : finding.end] == spelled
    if action is Action.REDACT:
        assert streamed.text == "A canary: [CANARY] and c"
    elif action is Action.BLOCK:
        assert spelled[:6] not in streamed.text.replace("A canary", "")


async def test_a_disguised_token_is_one() -> None:
    for hidden in ("Q0FOQVJZLTdmM2EtOWM0MQ==", "\uff23\uff21\uff2e\uff21\uff32\uff397f3a9c41"):
        screen = engine(Action.BLOCK).output()
        await screen.feed(Part(PATH, f"see {hidden} ", role="assistant"))
        await screen.finish(PATH)
        assert screen.blocked is not None


_PIECES = st.lists(
    st.sampled_from(
        [*"CANARY7f3a9c41 -.", *"canary CAN 7f3a 9c41 aba ab 中 ß".split(), TOKEN, " " * 8, "\n"]
    ),
    max_size=30,
).map("".join)
CHECKS = (
    tokens(TOKEN),
    tokens("aba-aba-aba-aba"),
    tokens("strasse-1234", "ab中ab中ab中"),
    tokens("canary-canary"),
)


@settings(max_examples=100, deadline=None)
@given(text=_PIECES | TEXTS)
@example(text="ab a ab a ab aab a ab a aba ab a ")
@example(text="CANARY 7f3a C A N A R Y 7 f 3 a 9 c 4 1 ")
def test_it_keeps_the_law(text: str) -> None:
    for check in CHECKS:
        assert_conforms(check, text)


@pytest.mark.parametrize("unit", ["a", " ", "c ", "CANARY-", "CANARY7f3a9c41", "aba", "1", "-", "中", "ß"])
def test_no_text_makes_it_slow(unit: str) -> None:
    for check in CHECKS:
        assert_quick(check, unit)


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({}, "", "give tokens or a pattern"),
        ({"tokens": [TOKEN, "a-b-c-1"]}, ".tokens[1]", "letters and digits"),
        ({"tokens": ["x" * 129]}, ".tokens[0]", "letters and digits"),
        ({"pattern": "("}, ".pattern", "missing"),
    ],
)
def test_a_token_that_could_stand_in_any_text_is_refused(
    config: dict[str, object], path: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        build(config, "canary")
    assert caught.value.path == f"canary{path}"


@pytest.mark.parametrize("config", [{"tokens": [TOKEN]}, {"pattern": "x"}])
def test_it_makes_sense_of_answers_only(config: dict[str, object]) -> None:
    spec = {"checks": [{"canary": config}], "action": "block"}
    with pytest.raises(ConfigError, match=r"set `on: \[output\]`"):
        guardrail("g", spec)
    assert guardrail("g", {**spec, "on": ["output"]}).checks[0].kind == "canary"


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_spelled_out_as_any_other(text: str) -> None:
    (other,) = "é"
    assert canary._squeezed(text) + other == canary._squeezed(text + other)
