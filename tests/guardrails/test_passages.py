"""Texts are cut into passages at sentences and lines, by what stands to the left, whatever the fragments."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.passages import (
    BEFORE_LENGTH,
    FIRST_LENGTH,
    MOST_LENGTH,
    WORD_LENGTH,
    Cutter,
    least_length,
    passages,
)
from tests.guardrails import oracle
from tests.guardrails.streams import cut

PIECES = st.sampled_from(
    ["A sentence. ", "And another one, which is longer! ", "Is it? ", "word " * 30, "x" * 300, "\n", "好。",
     "“Said.” ", "1.5 ", "e.g. ", "...", ".", " ", ")", "'", "\u3000", "\ud800", "😀", "قال؟ "]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join)


def texts(text: str) -> list[str]:
    return [cut.text for cut in passages(text)]


@given(TEXTS, st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_fragments_do_not_matter_and_nothing_is_lost(text: str, sizes: list[int]) -> None:
    cutter = Cutter()
    cuts = [one for fragment in cut(text, sizes) for one in cutter.feed(fragment)] + cutter.finish()
    assert cuts == passages(text)
    assert [(one.start, one.end) for one in cuts] == oracle.cuts(text)
    assert "".join(one.text for one in cuts) == text
    for one in cuts:
        assert one.before == text[max(0, one.start - BEFORE_LENGTH) : one.start]
        assert one.last == (one is cuts[-1]) or not one.last


@given(TEXTS, TEXTS)
def test_what_follows_does_not_move_a_cut(left: str, right: str) -> None:
    cuts = Cutter().feed(left)
    assert passages(left + right)[: len(cuts)] == cuts


def test_the_first_passage_is_a_short_sentence() -> None:
    assert texts("No. This is how it is done. Then more.")[0] == "No. This is how it is done. "


@pytest.mark.parametrize(
    "end",
    [
        ". ",
        "! ",
        "? ",
        "… ",
        '." ',
        ".) ",
        ".”) ",
        ".\n",
        "\n",
        "。",
        "\uff01",
        "\uff1f",
        "؟ ",
        "। ",
        ".\u3000",
    ],
)
def test_a_sentence_or_line_ends_a_passage(end: str) -> None:
    sentence = f"This one is long enough as it is{end}"
    assert texts(sentence + "And more")[0] == sentence


@pytest.mark.parametrize("end", [" ", ".", "1.5", "e.g.it", ", ", "; ", ".)))) "])
def test_other_things_do_not(end: str) -> None:
    text = f"This one is long enough as it is{end}"
    assert texts(text + "and more") == [text + "and more"]


def test_later_passages_grow_so_that_a_long_text_costs_few_questions() -> None:
    sentence = "Nobody was quite sure who had drawn them. "
    lengths = [len(text) for text in texts(sentence * 2_500)]
    assert lengths[0] == len(sentence)
    assert lengths[1] < 210
    assert max(lengths) < 850
    assert len(lengths) < 150


def test_a_text_without_sentences_is_cut_at_a_word_and_one_without_words_anywhere() -> None:
    assert len(texts("word " * 1_000)[0]) == WORD_LENGTH
    assert [len(text) for text in texts("x" * 3_000)] == [MOST_LENGTH, MOST_LENGTH, 200]


def test_the_longest_passage_ends_before_a_word_that_goes_on() -> None:
    assert [len(one) for one in texts("x" * (MOST_LENGTH + 50) + " y")] == [MOST_LENGTH, 52]
    assert all(WORD_LENGTH <= len(one) <= MOST_LENGTH for one in texts("word " * 2_000)[:-1])


def test_a_passage_is_complete_with_its_last_character() -> None:
    for text in ("x" * (FIRST_LENGTH - 2) + ". ", "x" * MOST_LENGTH):
        cutter = Cutter()
        assert [one.text for one in cutter.feed(text)] == [text]
        assert cutter.finish() == []


def test_a_text_ends_once_and_its_last_passage_knows() -> None:
    cutter = Cutter()
    assert cutter.feed("A sentence that has begun. And") == passages("A sentence that has begun. And")[:1]
    (end,) = cutter.finish()
    assert (end.text, end.last) == ("And", True)
    assert cutter.finish() == []


def test_a_passage_grows_to_a_quarter_of_what_stands_before_it() -> None:
    assert [least_length(start) for start in (0, 1, 640, 2_000, 100_000)] == [24, 160, 160, 500, 800]


def test_an_empty_text_has_no_passages() -> None:
    assert passages("") == []


@pytest.mark.parametrize("character", ["x", ".", " ", ")", "\n", "。", "' "])
def test_cutting_takes_linear_time(character: str) -> None:
    begun = time.perf_counter()
    passages(character * 100_000)
    assert time.perf_counter() - begun < 0.3
