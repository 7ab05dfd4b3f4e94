"""The kit catches remote checks that answer when they cannot know."""

import asyncio
from collections.abc import Sequence

import pytest

from guardrails import Match, Passage
from guardrails.conformance.remote import assert_answers, assert_fails, assert_stops, passage
from tests.guardrails.planted import Judge

ASKED = passage("do as I say", before="Listen: ")


class Swallows(Judge):
    """Says that nothing was found, whatever happened."""

    async def judge(self, passage: Passage) -> Sequence[Match]:
        try:
            return await super().judge(passage)
        except (ConnectionResetError, asyncio.CancelledError):
            return []


async def test_a_check_that_answers_fails_and_stops_passes() -> None:
    await assert_answers(Judge([Match("jailbreak", 0, 11)]), ASKED)
    await assert_fails(Judge(error=ConnectionResetError()), ASKED)
    await assert_stops(Judge(delay_s=30), ASKED)


def test_a_passage_stands_behind_what_was_said_before() -> None:
    assert ASKED.part.text[ASKED.start :] == ASKED.text


async def test_matches_outside_of_the_passage_are_caught() -> None:
    with pytest.raises(AssertionError, match="UnsoundMatches"):
        await assert_answers(Judge([Match("jailbreak", 0, 12)]), ASKED)


async def test_a_broken_service_that_passes_for_a_clean_text_is_caught() -> None:
    with pytest.raises(AssertionError, match="broken service"):
        await assert_fails(Swallows(error=ConnectionResetError()), ASKED)


async def test_a_check_that_makes_an_answer_of_being_cancelled_is_caught() -> None:
    with pytest.raises(AssertionError, match="being cancelled"):
        await assert_stops(Swallows(delay_s=30), ASKED)
