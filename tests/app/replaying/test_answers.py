"""What guardrails say of an answer on record is what they said, or would have said, when it came."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import HandrailError
from app.domain.events import ChoiceFinished, ProviderEvent, TextDelta
from app.domain.operation import Operation
from app.replaying.answers import hear_answer, hear_texts
from app.screening import Screening
from app.wire.openai.fold import Fold
from guardrails import Action, Decision, Engine, Mode, Part, Remark, Subject, Verdict
from guardrails.check import Reads
from tests.answers import STARTED, USAGE, call
from tests.guardrails.planted import Short, Word, policy

MAIL = Word("email", r"[a-z]+@[a-z]+")
PRIVACY = policy(MAIL, name="privacy")
WATCH = policy(MAIL, name="watch", action=Action.BLOCK, mode=Mode.MONITOR)
ENGINE = Engine([PRIVACY, WATCH], b"key")


def document(*events: ProviderEvent) -> dict[str, Any]:
    """Return what goes on record of these events, where nobody changes them."""
    fold = Fold()
    for event in (STARTED, *events, USAGE):
        fold.add(event)
    return fold.document()


def places(verdicts: tuple[Verdict, ...]) -> set[tuple[str, str]]:
    return {(one.guardrail, finding.part) for one in verdicts for finding in one.findings}


@pytest.mark.parametrize(
    ("events", "part"),
    [
        ([TextDelta(0, "content", "a@b")], "choices[0].message.content"),
        ([TextDelta(1, "content", "a@b")], "choices[1].message.content"),
        ([TextDelta(0, "reasoning_content", "a@b")], "choices[0].message.reasoning_content"),
        ([TextDelta(0, "refusal", "a@b")], "choices[0].message.refusal"),
        (
            call(0, '{"to": "a\\u0040b"}'),
            "choices[0].message.tool_calls[0].function.arguments#.to",
        ),
    ],
    ids=["content", "choice", "reasoning", "refusal", "arguments"],
)
async def test_every_text_of_an_answer_is_heard_where_it_stood(
    events: list[ProviderEvent], part: str
) -> None:
    recorded = document(*events)
    verdicts = await hear_answer(ENGINE, recorded)
    assert places(verdicts) == {("privacy", part), ("watch", part)}
    assert [one.decision for one in verdicts] == [Decision.REDACT, Decision.BLOCK]
    assert not any(one.blocked for one in verdicts)


async def test_a_completion_of_a_prompt_is_heard() -> None:
    recorded = {"id": "1", "object": "text_completion", "choices": [{"index": 0, "text": "a@b"}]}
    verdicts = await hear_answer(ENGINE, recorded, Operation.COMPLETION)
    assert places(verdicts) == {("privacy", "choices[0].text"), ("watch", "choices[0].text")}


@given(st.lists(st.sampled_from(["a@b", " ", "a", "@", "b", "hello "]), min_size=1, max_size=6))
async def test_a_recorded_answer_gives_the_verdicts_of_its_stream(pieces: list[str]) -> None:
    events: list[ProviderEvent] = [TextDelta(0, "content", piece) for piece in pieces]
    events.append(ChoiceFinished(0, "stop", {}))
    screen = ENGINE.output()
    live = Screening(screen)
    for event in events:
        await live.feed(event)
    await live.close()
    await screen.close()
    assert _said(await hear_answer(ENGINE, document(*events))) == _said(screen.verdicts())


def _said(verdicts: tuple[Verdict, ...]) -> list[Any]:
    return [
        (one.guardrail, one.decision, [(found.part, found.start, found.end) for found in one.findings])
        for one in verdicts
    ]


async def test_a_block_ends_it_and_is_told() -> None:
    recorded = document(TextDelta(0, "content", "write to a@b"), ChoiceFinished(0, "stop", {}))
    (verdict,) = await hear_answer(Engine([policy(MAIL, action=Action.BLOCK)], b"key"), recorded)
    assert verdict.blocked


@pytest.mark.parametrize("recorded", [{"choices": []}, {"error": {"message": "no"}}, {}])
async def test_what_is_no_answer_is_refused(recorded: dict[str, Any]) -> None:
    with pytest.raises(HandrailError):
        await hear_answer(ENGINE, recorded)


@pytest.mark.parametrize("whole", [True, False])
async def test_texts_are_heard_piece_by_piece(whole: bool) -> None:
    pieces = [Part("choices[0].message.content", text) for text in ("write to a", "@b")]
    verdicts = await hear_texts(ENGINE, [pieces], whole=whole)
    assert places(verdicts) == {(name, pieces[0].path) for name in ("privacy", "watch")}


async def test_a_guardrail_that_tells_is_heard_as_well() -> None:
    telling = msgspec.structs.replace(policy(Short(5), action=Action.FLAG), tells=True)
    recorded = document(TextDelta(0, "content", "abc"), ChoiceFinished(0, "stop", {}))
    (verdict,) = await hear_answer(Engine([telling], b"key"), recorded)
    assert verdict.decision is Decision.FLAG


class Together:
    """Finds that several texts of an answer say one thing together."""

    kind = "together"
    reads: frozenset[Reads] = frozenset({"texts"})

    def examine(self, subject: Subject) -> Sequence[Remark]:
        said = "".join(part.text for part in subject.parts)
        return [Remark("said", "choices")] if said == "a@b" else []


async def test_a_check_of_the_whole_answer_is_asked_when_all_of_it_has_come() -> None:
    texts = [[Part(f"choices[{i}].message.content", text)] for i, text in enumerate(("a@", "b"))]
    (verdict,) = await hear_texts(Engine([policy(Together(), action=Action.BLOCK)], b"key"), texts)
    assert verdict.blocked
