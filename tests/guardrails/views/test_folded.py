"""The folded view shows what a person sees, leaves genuine texts alone, and folds word by word."""

# ruff: noqa: RUF001 (letters that look like others are what this file is about)

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.check import is_break
from guardrails.view import View
from guardrails.views.characters import FORMS
from guardrails.views.folded import fold
from guardrails.views.lookalikes import OF_OTHER_SCRIPTS


def _folded(text: str) -> str:
    reading = fold(text)
    return text if reading is None else reading.text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("p\u0430ypal", "paypal"),
        ("\u0440\u0430ypal and мир", "paypal and мир"),
        ("ign\u200bore\u2060 all", "ignore all"),
        ("pass\x00word", "password"),
        ("４１１１ １１１１", "4111 1111"),
        ("\U0001d429\U0001d41a\U0001d42c\U0001d42c", "pass"),
        ("٤١١١", "4111"),
        ("f\u0336o\u0336o\u0336", "foo"),
        ("f\u0336\u0336\u0336\u0336\u0336\u0336oo", "foo"),
        ("cafe\u0301", "café"),
        ("cafe\u200b\u0301", "café"),
        ("U\u0308bung", "Übung"),
        ("и\u0306", "й"),
        ("ｅ\u0301", "é"),
        ("1\ufe0f\u20e3", "1"),
        ("a\u00a0b", "a b"),
        ("jane\uff20example.com", "jane@example.com"),
        ("\u03bfpenai", "openai"),
        ("x\ufb01y", "xfiy"),
        ("s\u0435cret\u202e", "secret"),
    ],
)
def test_a_disguise_is_seen_through(text: str, seen: str) -> None:
    assert _folded(text) == seen


GENUINE = [
    "Комитет собрался во вторник и посмотрел планы новой гавани.",
    "IT-отдел купил USB-кабель, e-mail: по запросу.",
    "Η επιτροπή συνεδρίασε την Τρίτη.",
    "لجنة الميناء اجتمعت يوم الثلاثاء",
    "समिति की बैठक मंगलवार को हुई",
    "委员会在星期二开会，并查看了新港口的计划。",
    "위원회는 화요일에 만났다 ㅋㅋㅋ",
    "“Curly quotes” aren’t a ‘disguise’ — nor is an ellipsis…",
    "Sık sık gelen Çağla'nın ığdır'ı, Łódź, Ångström, smørrebrød, œuvre",
    "Ελληνικά and English and русский",
]


@pytest.mark.parametrize("text", GENUINE)
def test_genuine_text_is_not_folded(text: str) -> None:
    assert fold(text) is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("می\u200cخواهم", "میخواهم"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("❤\ufe0f", "❤"),
        ("कर\u094dय", "कर\u094dय"),
    ],
)
def test_joiners_of_scripts_and_emoji_only_vanish(text: str, seen: str) -> None:
    assert _folded(text) == seen


def test_each_character_knows_where_it_is_from() -> None:
    reading = fold("a\u200bb ﬁ e\u0301 \u0435x")
    assert reading is not None
    assert reading.view is View.FOLDED
    assert reading.text == "ab fi é ex"
    assert [reading.origin(at, at + 1) for at in range(10)] == [
        (0, 1),
        (2, 3),
        (3, 4),
        (4, 5),
        (4, 5),
        (5, 6),
        (6, 8),
        (8, 9),
        (9, 10),
        (10, 11),
    ]


ALPHABET = st.sampled_from(
    [
        *"ab1 \n.@",
        "中",
        "Ａ",
        "４",
        "\u3000",
        "\u0430",
        "\u0435",
        "о",
        "ж",
        "é",
        "\u0301",
        "\u0336",
        "\u200b",
        "\u3164",
        "\uffa0",
        "\ufb01",
        "½",
        "𝐀",
        "\u00a0",
        "٣",
        "\x00",
        "㈱",
        "ﾊ",
        "ﾞ",
        "😀",
        "\ufe0f",
        "и",
        "\u0306",
        "\u0085",
        "\u1160",
    ]
)


@given(st.text(ALPHABET, max_size=20), st.text(ALPHABET, max_size=20))
def test_what_stands_behind_a_break_changes_nothing_before_it(left: str, right: str) -> None:
    if not _folded(left) or is_break(_folded(left)[-1]):
        assert _folded(left + right) == _folded(left) + _folded(right)


@given(st.text(ALPHABET, max_size=30) | st.text(max_size=30))
def test_what_a_stretch_is_from_folds_to_it(text: str) -> None:
    text = text.encode(errors="replace").decode()
    reading = fold(text)
    if reading is None:
        return
    assert reading.origin(0, len(reading.text))[1] <= len(text)
    last = 0
    for at in range(len(reading.text)):
        start, end = reading.origin(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last or reading.origin(at - 1, at) == (start, end), "places go from left to right"
        last = start
        assert _reads_as(text[start:end], reading.text[at])


def _reads_as(stretch: str, character: str) -> bool:
    """Return whether a character is, or looks like, what stands in a stretch, whatever the word."""
    letters = stretch.translate(FORMS).translate(
        {ord(there): here for there, here in OF_OTHER_SCRIPTS.items()}
    )
    return character in (*letters, *unicodedata.normalize("NFC", stretch.translate(FORMS)), *stretch)
