"""The proof over every kind of check there is, ours, Portkey's and remote ones: a stream is as the whole.

A new kind fails here until `tests/guardrails/every_check.py` says how it is set up.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Engine, Finding, Guardrail, Mode, Part, PartKind, Side
from guardrails.check import (
    AnyCheck,
    Check,
    ConversationCheck,
    ExchangeCheck,
    RemoteCheck,
    RemoteExchangeCheck,
    is_redactable,
)
from guardrails.conformance.texts import TEXTS
from guardrails.registry import known_checks
from guardrails.scope import EVERYTHING, Scope
from guardrails.verdict import Decision
from tests.guardrails.every_check import (
    CONVERSATION,
    OBJECTED,
    SYSTEM,
    TELLING,
    TEXTUAL,
    built,
)
from tests.guardrails.streams import assert_ordered, cut

CONTENT = "choices[0].message.content"
PARTS = (
    Part(CONTENT, "", role="assistant"),
    Part("choices[1].message.content", "", role="assistant"),
    Part("choices[0].message.reasoning", "", PartKind.REASONING, "assistant"),
    Part("choices[0].message.refusal", "", PartKind.REFUSAL, "assistant"),
)
KEY = b"key of the tests"
SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=6)
EVERY = built()
ALL = [check for checks in EVERY.values() for check in checks]
USABLE = {
    action: [one for one in ALL if action is not Action.REDACT or is_redactable(one)] for action in Action
}


class Came(msgspec.Struct, frozen=True):
    """What came of an answer."""

    texts: dict[str, str]
    """What was released, by path."""
    said: list[tuple[Decision, str | None, bool, list[Finding]]]
    """Of each guardrail: decision, error, whether it blocked, findings."""
    blocked: str | None
    """The guardrail that did first."""


async def screened(engine: Engine, fed: Sequence[Part], *, whole: bool) -> Came:
    """Screen an answer, fragment by fragment."""
    screen = engine.output(CONVERSATION, whole=whole)
    texts = {part.path: "" for part in fed}
    for part in fed:
        texts[part.path] += await screen.feed(part)
        assert_ordered(screen.coverage)
    for path in texts:
        texts[path] += await screen.finish(path)
    await screen.complete()
    if screen.blocked is not None and screen.holds_answer:
        texts = dict.fromkeys(texts, "")
    await screen.close()
    assert_ordered(screen.coverage)
    said = [
        (one.decision, one.error, one.blocked, sorted(one.findings, key=_place)) for one in screen.verdicts()
    ]
    return Came(texts, said, None if screen.blocked is None else screen.blocked.guardrail)


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.part, finding.start, finding.end, finding.check, finding.rule


async def assert_streams_as_whole(engine: Engine, text: str, *sizes: Sequence[int]) -> Came:
    """Stream a text, cut by each of these; return what came of the whole."""
    (part,) = PARTS[:1]
    whole = await screened(engine, [msgspec.structs.replace(part, text=text)], whole=True)
    assert {error for _, error, _, _ in whole.said} == {None}
    for lengths in sizes:
        fragments = [msgspec.structs.replace(part, text=piece) for piece in cut(text, lengths)]
        streamed = await screened(engine, fragments, whole=False)
        assert streamed.said == whole.said
        assert streamed.blocked == whole.blocked
        if whole.blocked is None:
            assert streamed.texts == whole.texts
        else:
            _assert_nothing_blocked_got_out(text, streamed, whole)
    return whole


def _assert_nothing_blocked_got_out(text: str, streamed: Came, whole: Came) -> None:
    (released,) = streamed.texts.values()
    if any(decision is Decision.REDACT for decision, *_ in whole.said):
        return  # places in what was released are not those of the text
    assert text.startswith(released)
    for _, _, blocked, findings in whole.said:
        places = [finding.start for finding in findings if finding.part == CONTENT]
        if blocked and places:
            assert len(released) <= min(places)


def test_every_kind_is_set_up_here() -> None:
    assert sorted(EVERY) == list(known_checks())
    assert set(TELLING) <= set(TEXTUAL)
    for kind, checks in EVERY.items():
        port = (
            Check | ConversationCheck | RemoteCheck
            if kind in TEXTUAL
            else ExchangeCheck | RemoteExchangeCheck
        )
        assert all(isinstance(check, port) for check in checks)


@pytest.mark.parametrize("kind", TEXTUAL)
@pytest.mark.parametrize("action", Action)
def test_every_kind_finds_in_any_fragments_what_it_finds_in_the_whole(kind: str, action: Action) -> None:
    text = f"So it is. {TELLING.get(kind, OBJECTED + '! ')}It goes on. {OBJECTED}, is it? 中文字。 The end"
    ends = [(place, len(text)) for place in range(1, len(text))]

    async def found(check: AnyCheck) -> bool:
        engine = Engine([Guardrail("g", OUTPUT, (check,), action, timeout_s=60)], KEY)
        whole = await assert_streams_as_whole(engine, text, (1,), (2, 3), (11,), *ends)
        ((decision, error, _, _),) = whole.said
        assert error is None
        return decision.value == action.value

    outcomes = [asyncio.run(found(check)) for check in EVERY[kind] if check in USABLE[action]]
    assert any(outcomes) or not outcomes, "nothing is found here"


OUTPUT = frozenset({Side.OUTPUT})
SCOPES = (
    EVERYTHING,
    EVERYTHING,
    Scope(frozenset({"assistant", "tool"}), only_new=True),
    Scope(kinds=frozenset({PartKind.TEXT})),
    Scope(kinds=frozenset({PartKind.REASONING, PartKind.REFUSAL})),
    Scope(frozenset({"user"})),
)


@st.composite
def policies(draw: st.DrawFn, actions: Sequence[Action] = tuple(Action)) -> list[Guardrail]:
    """Draw up to four guardrails over one to three checks of any kind each, some of them scoped."""
    made = []
    for i in range(draw(st.integers(1, 4))):
        action = draw(st.sampled_from(actions))
        chosen = draw(st.lists(st.sampled_from(USABLE[action]), min_size=1, max_size=3, unique_by=id))
        of_texts = not any(isinstance(check, ExchangeCheck | RemoteExchangeCheck) for check in chosen)
        scope = draw(st.sampled_from(SCOPES)) if of_texts else EVERYTHING
        mode = draw(st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.MONITOR]))
        made.append(Guardrail(f"g{i}", OUTPUT, tuple(chosen), action, mode, timeout_s=60, scope=scope))
    return made


PIECES = st.sampled_from(
    [
        *TELLING.values(),
        *(
            f"{OBJECTED} ",
            f"That is {OBJECTED}. ",
            "It goes on and on, as it does, without end. ",
            ". ",
            "\n",
        ),
        *(SYSTEM[:100], SYSTEM[90:], "https://good.example/ ", "中文字", "。", "\ud800", "e\u0301", "ALL "),
    ]
)
TELLING_TEXTS = st.lists(
    PIECES | st.builds(lambda text, end: text[:end], PIECES, st.integers(1, 40)), max_size=8
).map("".join)
ANY = TELLING_TEXTS | st.builds(str.__add__, TEXTS, TELLING_TEXTS)


@settings(deadline=None, max_examples=120)
@given(policies(), ANY, SIZES)
def test_any_text_in_any_fragments_under_any_guardrails(
    guardrails: list[Guardrail], text: str, sizes: list[int]
) -> None:
    asyncio.run(assert_streams_as_whole(Engine(guardrails, KEY), text, sizes, [1], [len(text) or 1]))


@settings(deadline=None, max_examples=80)
@given(
    policies([Action.REDACT, Action.REDACT, Action.FLAG]),
    st.lists(st.tuples(st.sampled_from(PARTS), TELLING_TEXTS), max_size=10),
)
def test_any_texts_side_by_side_under_any_scopes(
    guardrails: list[Guardrail], fed: list[tuple[Part, str]]
) -> None:
    engine = Engine(guardrails, KEY)
    wholes: dict[str, Part] = {}
    for part, text in fed:
        known = wholes.setdefault(part.path, part)
        wholes[part.path] = msgspec.structs.replace(known, text=known.text + text)

    async def hold() -> None:
        whole = await screened(engine, list(wholes.values()), whole=True)
        fragments = [msgspec.structs.replace(part, text=text) for part, text in fed]
        streamed = await screened(engine, fragments, whole=False)
        assert streamed == whole

    asyncio.run(hold())
