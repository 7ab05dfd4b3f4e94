"""Phrases that must not be said, and the only ones that may be."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import Match, Run, is_break
from guardrails.checks.phrases import MAX_GAP, Phrases
from guardrails.reader import Reader
from tests.guardrails.checks.finding import built, values


@pytest.mark.parametrize(
    ("deny", "text", "expected"),
    [
        (["bank"], "The Bank, the bank!", ["Bank", "bank"]),
        (["bank"], "bankrupt embankment bank_ 1bank bank2", []),
        (["bank"], "中bank行", ["bank"]),
        (["new york"], "New York, new\n york and new\u00a0york", ["New York", "new\n york", "new\u00a0york"]),
        (["new york"], f"new{' ' * MAX_GAP}york new{' ' * (MAX_GAP + 1)}york", [f"new{' ' * MAX_GAP}york"]),
        (["new york", "new york city"], "new york city; new york", ["new york city", "new york"]),
        (["new york", "new york city"], "new york cityhall", ["new york"]),
        (["york", "new york"], "newyork new york", ["new york"]),
        (["c++"], "I like C++ and c++11", ["C++", "c++"]),
        ([".net"], "use .NET or net", [".NET"]),
        (["中文"], "看中文字", ["中文"]),
        (["日 本"], "日本 日 本", ["日 本"]),
        (["ไทย"], "ภาษาไทยดี", ["ไทย"]),
        (["кошка"], "Кошка кошкарня кошка", ["Кошка", "кошка"]),
        (["bung"], "Übung bung", ["bung"]),
        (["los", "bung los"], "Übung los", ["los"]),
        (["foo", "foo bar"], "foo barä", ["foo"]),
        (["foo", "bar", "foo bar"], f"foo{' ' * 20}bar", ["foo", "bar"]),
        (["caf"], "café cafe\u0301", []),
        (["cafe"], "cafe\u0301", []),
        (["हिन्द"], "हिन्दी", []),
        (["straße"], "STRASSE Straße", ["Straße"]),
        (["ask"], "a\u017fk", ["a\u017fk"]),
    ],
)
def test_denied_phrases_are_found_as_people_read_them(
    deny: list[str], text: str, expected: list[str]
) -> None:
    assert values(built("words", {"deny": deny}), text) == expected


def test_case_counts_if_asked_to() -> None:
    assert values(built("words", {"deny": ["US"], "ignore_case": False}), "us US") == ["US"]


def test_the_rule_is_denied_word() -> None:
    assert built("words", {"deny": ["a b"]}).find(Run("x A  b")) == [Match("denied_word", 2, 6)]


def test_an_allowed_phrase_around_a_denied_one_is_an_exception() -> None:
    check = built("words", {"deny": ["bank", "bad"], "allow": ["river bank", "Not Bad"]})
    assert values(check, "river bank, bank; not  bad, bad") == ["bank", "bad"]


def test_what_is_allowed_and_denied_is_allowed() -> None:
    assert values(built("words", {"deny": ["foo", "bar"], "allow": ["FOO"]}), "foo bar") == ["bar"]


@pytest.mark.parametrize(
    ("allow", "text", "expected"),
    [
        (["yes", "no"], "Yes, no! Maybe (no).", ["Maybe"]),
        (["not sure"], "Not sure, not so sure", ["not", "so", "sure"]),
        (["don't"], "don't do n't", ["do", "n't"]),
        (["well"], "well-known", ["well-known"]),
        (["中文"], "中文字 中", ["字", "中"]),
        (["a"], "a\u4e2db", ["中", "b"]),
        (["42"], "42 43 ...", ["43"]),
        (["naïve"], "NAÏVE naive", ["naive"]),
    ],
)
def test_words_in_no_allowed_phrase_are_found(allow: list[str], text: str, expected: list[str]) -> None:
    check = built("words", {"allow": allow})
    assert values(check, text) == expected
    assert {match.rule for match in check.find(Run(text))} <= {"unlisted_word"}


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("new ", True),
        ("in NEW\n", True),
        ("new york ", True),
        ("new york city ", False),
        ("york ", False),
        ("new" + " " * MAX_GAP, True),
        ("new" + " " * 40, False),
        ("中", True),
        ("看中文", True),
        ("中文字", False),
        ("中 ", False),
        ("the ", False),
    ],
)
def test_a_phrase_in_progress_is_open(text: str, is_open: bool) -> None:
    assert built("words", {"deny": ["New York City", "中文字"]}).is_open(text, 0) is is_open


def test_a_list_of_thousands_is_built_and_asked_quickly() -> None:
    phrases = [f"name{number} surname{number * 7 % 1000}" for number in range(5_000)]
    began = time.process_time()
    check = built("words", {"deny": phrases})
    text = "The quarterly report of name4999 surname993 says nothing new. " * 33
    assert len(check.find(Run(text))) == 33
    assert not check.is_open(text, 0)
    assert time.process_time() - began < 10
    assert check.triggers == ()


def test_a_list_of_a_hundred_is_only_asked_about_texts_with_its_words() -> None:
    reader = Reader([built("words", {"deny": [f"competitor {number}" for number in range(100)]})])
    for text in ("our competitor\u00a017 says", "COMPETITOR  99"):
        assert reader.questions(text)
    assert not reader.questions("our competitors say 17 times what a competitor says")


@pytest.mark.parametrize("first", ["a", "\u0430"])
def test_ten_thousand_phrases_cost_little_more_than_ten(first: str) -> None:
    letters = [chr(ord(first) + place) for place in range(26)]
    draw = random.Random(7)
    phrases = ["".join(draw.choices(letters, k=draw.randint(4, 10))) for _ in range(10_000)]
    check = built("words", {"deny": phrases})
    text = ("The board read the quarterly report on Monday and nobody objected. " * 31)[:2_048]
    check.find(Run(text))
    began = time.process_time()
    for _ in range(100):
        check.find(Run(text))
    assert time.process_time() - began < 0.006  # 5 us each, where the automaton does not fit 100 and more
    assert check.find(Run(f"{text} {phrases[-1].upper()}.")) != []


def test_matches_may_have_a_rule_and_a_replacement_of_their_own() -> None:
    check = built(
        "words", {"deny": ["Acme", "Acme Corp", "acme.com"], "name": "competitor", "replace": "[C]"}
    )
    assert check.find(Run("ask Acme Corp, acme.com")) == [
        Match("competitor", 4, 13, replacement="[C]"),
        Match("competitor", 15, 23, replacement="[C]"),
    ]
    check = built("words", {"allow": ["yes"], "name": "off_script"})
    assert check.find(Run("yes no")) == [Match("off_script", 4, 6)]


CHARACTERS = "aAbB kKsS\u017f\u212aßẞäÄ\n\u00a0中文"


@settings(max_examples=300, deadline=None)
@given(
    phrases=st.lists(
        st.text(alphabet=CHARACTERS, min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=4
    ),
    before=st.text(alphabet=CHARACTERS, max_size=4),
    behind=st.text(alphabet=CHARACTERS, max_size=4),
    data=st.data(),
)
def test_wherever_a_phrase_is_interrupted_by_a_break_it_is_begun(
    phrases: list[str], before: str, behind: str, data: st.DataObject
) -> None:
    listed = Phrases(phrases, ignore_case=True)
    text = before + data.draw(st.sampled_from(phrases)).swapcase() + behind
    for start, end in listed.spans(text):
        for place in range(start + 1, end):
            if is_break(text[place - 1]):
                assert listed.begun(text[:place])


def test_folding_never_parts_what_re2_takes_for_the_same_letter() -> None:
    for code in range(0x20, 0x1_0000):
        letter = chr(code)
        for other in {letter.upper(), letter.lower(), letter.title(), letter.casefold()}:
            if len(other) == 1 and other != letter and Phrases([letter], ignore_case=True).holds(other):
                assert letter.casefold() == other.casefold()
