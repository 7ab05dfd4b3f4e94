"""Remote checks are asked about all passages of all parts, and what they say is put together by part.

What becomes of blocks, deadlines and errors is tried in `test_engine_remote.py`.
"""

import asyncio

from guardrails import Action, Engine, Match, Part, Passage
from guardrails.asking import Outcome
from guardrails.conversation import Conversation
from guardrails.judging import judge, whole
from guardrails.panel import Panel
from guardrails.passages import passages
from tests.guardrails.planted import Says, policy

KEY = b"key of the tests"
SENTENCE = "Nobody was quite sure who had drawn them, and so it went on. "
LONG = SENTENCE * 10


async def test_what_is_found_in_passages_is_found_in_the_part() -> None:
    says = Says("drawn", "drawn")
    panel = Panel([policy(says)])
    outcomes: dict[int, Outcome] = {}
    await judge(panel, [Part("a", LONG)], [outcomes])
    ((place, outcome),) = outcomes.items()
    assert place in panel.by_sentence(panel.audience(Part("a", LONG)))
    assert [LONG[match.start : match.end] for match in outcome.matches] == ["drawn"] * 10
    assert says.judged == [cut.text for cut in passages(LONG)]
    assert not outcome.partial


async def test_a_check_of_whole_texts_is_asked_about_them_once() -> None:
    says = Says("drawn", "drawn", unit="text")
    outcomes: list[dict[int, Outcome]] = [{}, {}]
    await judge(Panel([policy(says)]), [Part("a", LONG), Part("b", "")], outcomes)
    assert says.judged == [LONG, ""]
    assert [len(next(iter(one.values())).matches) for one in outcomes] == [10, 0]


async def test_about_an_empty_text_nobody_is_asked_by_sentence() -> None:
    says = Says("drawn", "drawn")
    panel = Panel([policy(says)])
    outcomes: dict[int, Outcome] = {}
    await judge(panel, [Part("a", "")], [outcomes])
    assert says.judged == []
    assert panel.unheard(outcomes, panel.audience(Part("a", ""))) == set()


async def test_a_block_in_one_passage_leaves_the_rest_of_the_part_unheard() -> None:
    class Waiting(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            if passage.start:
                await asyncio.sleep(30)
            return self.says(passage.text, passage.before)

    waiting = Waiting("drawn", "drawn")
    guardrails = [
        policy(waiting, name="slow", action=Action.BLOCK, timeout_s=60),
        policy(waiting, timeout_s=60),
    ]
    screening = await Engine(guardrails, KEY).screen([Part("a", LONG)])
    blocking, other = screening.verdicts
    assert screening.blocked == blocking
    assert (len(blocking.findings), blocking.complete) == (1, True)
    assert not other.complete


async def test_the_conversation_comes_with_every_passage() -> None:
    known = Conversation(model="m")
    models: list[str] = []

    class Noting(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            models.append(passage.conversation.model)
            return []

    noting = policy(Noting("x", "x"), Noting("y", "y", unit="text"))
    await Engine([noting], KEY).screen([Part("a", "text")], known)
    screen = Engine([noting], KEY).output(known)
    await screen.feed(Part("a", "text"))
    await screen.finish("a")
    assert models == ["m"] * 4


def test_the_question_about_a_whole_text_is_the_last_and_has_nothing_before_it() -> None:
    asked = whole(3, Part("a", "fragment", role="assistant"), LONG, Conversation(model="m"))
    assert (asked.place, asked.last) == (3, True)
    passage = asked.passage
    assert (passage.text, passage.part, passage.start, passage.before) == (
        LONG,
        Part("a", LONG, role="assistant"),
        0,
        "",
    )
    assert passage.conversation == Conversation(model="m")
