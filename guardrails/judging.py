"""Judging: remote checks are asked about passages, many at a time, and some answers make others needless.

What a check says about the passages of one part is put together to what it says about the part, so that
whoever acts upon it need not know how the part was cut.
"""

import asyncio
from collections.abc import Callable, Container, Iterable, MutableMapping, Sequence

import msgspec

from guardrails.asking import Outcome, ask_remote
from guardrails.check import Match, Passage
from guardrails.conversation import Conversation
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.passages import Cut, passages

_AT_ONCE = 16
"""Questions in flight to one remote check per judging: a thousand messages shall not be a thousand
connections. Each check has its own, so that one that hangs takes no turn from another."""


class Question(msgspec.Struct, frozen=True):
    """One check about one passage."""

    place: int
    """Of the check in the panel."""
    passage: Passage
    last: bool = True
    """Whether the part ends with it."""


Needless = Callable[[Question], bool]
"""Says of a question whether it need not be answered any more."""


async def ask_all(
    panel: Panel, questions: Sequence[Question], heard: Callable[[Question, Outcome], Needless | None]
) -> list[Outcome | None]:
    """Ask remote checks, all at once as far as there are slots.

    All questions to a check share one deadline: what is not answered by then is a timeout, also if its turn
    had not come.

    Args:
        panel: whose checks are asked.
        questions: what they are asked.
        heard: told each answer as it comes; returns which other questions that makes needless.

    Returns:
        The answers in the order of the questions; None for one that was needless before it was answered.
    """
    slots = {question.place: asyncio.Semaphore(_AT_ONCE) for question in questions}
    answers: list[Outcome | None] = [None] * len(questions)
    tasks: list[asyncio.Task[None]] = []

    async def asked(index: int, question: Question) -> None:
        place = question.place
        outcome = await ask_remote(
            panel.remote_check(place),
            question.passage,
            panel.patience_s(place),
            slots[place],
            last=question.last,
        )
        answers[index] = outcome
        needless = heard(question, outcome)
        if needless is not None:
            for other, task in zip(questions, tasks, strict=True):
                if task is not asyncio.current_task() and needless(other):
                    task.cancel()

    async with asyncio.TaskGroup() as group:
        tasks.extend(group.create_task(asked(i, question)) for i, question in enumerate(questions))
    return answers


async def judge(
    panel: Panel,
    parts: Sequence[Part],
    outcomes: Sequence[MutableMapping[int, Outcome]],
    places: Container[int] | None = None,
) -> None:
    """Ask every remote check about every part it hears, and note what they say.

    The first answer that blocks cancels what is still under way. A check that was cancelled before it had
    said anything about a part has no outcome there; one that had not said all has one that is partial.

    Args:
        panel: whose checks are asked.
        parts: whole texts.
        outcomes: one a part, filled in.
        places: of the checks that are asked; None: all.
    """
    questions: list[Question] = []
    of: list[tuple[int, int]] = []
    for index, part in enumerate(parts):
        audience = panel.audience(part)
        by_sentence = [one for one in panel.by_sentence(audience) if places is None or one in places]
        by_text = [one for one in panel.by_text(audience) if places is None or one in places]
        cuts = passages(part.text) if by_sentence else []
        asked = [whole(place, part, part.text, panel.conversation) for place in by_text]
        for place in by_sentence:
            asked += about(place, part, cuts, panel.conversation)
            if not cuts:
                outcomes[index][place] = Outcome()
        questions += asked
        of.extend((index, question.place) for question in asked)

    def heard(question: Question, outcome: Outcome) -> Needless | None:
        return _everything if panel.block_at({question.place: outcome}) is not None else None

    answers = await ask_all(panel, questions, heard)
    said: dict[tuple[int, int], list[tuple[Question, Outcome | None]]] = {}
    for key, question, answer in zip(of, questions, answers, strict=True):
        said.setdefault(key, []).append((question, answer))
    for (index, place), pairs in said.items():
        together = put_together(pairs)
        if together is not None:
            outcomes[index][place] = together


def about(place: int, part: Part, cuts: Iterable[Cut], conversation: Conversation) -> list[Question]:
    """Return the questions of a check that judges sentences, about these passages of a part."""
    return [Question(place, _passage(part, cut, conversation), cut.last) for cut in cuts]


def whole(place: int, part: Part, text: str, conversation: Conversation) -> Question:
    """Return the question of a check that judges whole texts, about all the text of a part."""
    return Question(place, _passage(part, Cut(text, 0, "", last=True), conversation))


def put_together(pairs: Sequence[tuple[Question, Outcome | None]]) -> Outcome | None:
    """Return what a check says about a part, offsets from its start; None if it has said nothing.

    Args:
        pairs: what it was asked and what it said, in the order of the text.
    """
    spoken = [(question, outcome) for question, outcome in pairs if outcome is not None]
    if not spoken:
        return None
    found = [shifted(match, asked.passage.start) for asked, outcome in spoken for match in outcome.matches]
    return Outcome(
        tuple(found),
        next((outcome.error for _, outcome in spoken if outcome.error is not None), None),
        max(outcome.duration_ns for _, outcome in spoken),
        partial=len(spoken) < len(pairs),
    )


def shifted(match: Match, by: int) -> Match:
    """Return the match with its offsets moved."""
    return msgspec.structs.replace(match, start=match.start + by, end=match.end + by) if by else match


def _passage(part: Part, cut: Cut, conversation: Conversation) -> Passage:
    part = msgspec.structs.replace(part, text=cut.text)
    return Passage(cut.text, part, cut.start, cut.before, conversation)


def _everything(_: Question) -> bool:
    return True
