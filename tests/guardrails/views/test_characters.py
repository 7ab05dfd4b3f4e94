"""Single characters read as what they look like, and breaks stay breaks."""

# ruff: noqa: RUF001 (letters that look like others are what this file is about)

import sys
import unicodedata

import pytest

from guardrails.check import is_break
from guardrails.views.characters import (
    ALIKE,
    CHANGING,
    FORMS,
    INVISIBLE,
    MARKS,
    python_class,
    ranges,
    re2_class,
)


def test_what_reads_as_ascii_is_no_ascii() -> None:
    assert not [code for code, form in FORMS.items() if code < 0x80 and form]


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("４", "4"),
        ("Ａ", "A"),
        ("𝐀", "A"),
        ("𝟗", "9"),
        ("٣", "3"),
        ("۳", "3"),
        ("९", "9"),
        ("①", "1"),
        ("➀", "1"),
        ("²", "2"),
        ("ﬁ", "fi"),
        ("½", "1⁄2"),
        ("\u00a0", " "),
        ("\u3000", " "),
        ("\u2003", " "),
        ("\u1680", " "),
        ("\u2011", "-"),
        ("\u2212", "-"),
        ("ᴀ", "A"),
        ("ɡ", "g"),
        ("🅐", "A"),
        ("Ⓐ", "A"),
        ("№", "No"),
        ("﷼", "ریال"),
        ("＠", "@"),
        ("ﾌ", "フ"),
    ],
)
def test_a_character_reads_as_what_it_looks_like(there: str, here: str) -> None:
    assert FORMS[ord(there)] == here


@pytest.mark.parametrize(
    "kept", [*"“”‘’«»„…—™ªºäöüßéèñçøåæœłıəɛ", *"кошкамир", *"λόγος", *"می", "中", "ㅋ", "한", "😀"]
)
def test_ordinary_characters_stay(kept: str) -> None:
    assert ord(kept) not in FORMS


def test_every_digit_of_every_script_reads_as_its_value() -> None:
    for code in range(0x80, 0x1FC00):
        value = unicodedata.decimal(chr(code), None)
        if value is not None:
            assert FORMS[code] == str(value), hex(code)


def test_all_that_shows_nothing_is_invisible() -> None:
    unseen = (
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\ufe0f\u180e\u3164\x00\x1b\x7f\U000e0041\U000e0100"
    )
    assert INVISIBLE.issuperset(map(ord, unseen))
    assert INVISIBLE.isdisjoint(map(ord, " \t\n\r\x1c\u0085\u2028\u00a0a中\u0600\u06dd"))
    assert all(FORMS[code] == "" for code in INVISIBLE)
    for code in range(0x80, 0x110000):
        visible = (0x600 <= code <= 0x605, code in (0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD))
        if unicodedata.category(chr(code)) == "Cf" and not any(visible) and not 0x13430 <= code <= 0x1343F:
            assert FORMS[code] == "", hex(code)


def test_no_character_becomes_a_break_nor_stops_to_be_one_for_good() -> None:
    for code, form in FORMS.items():
        if form and is_break(chr(code)):
            assert is_break(form[-1]) or any(part.isascii() for part in form), hex(code)
        elif form:
            assert not any(map(is_break, form)), hex(code)
    assert not any(is_break(chr(code)) for code in MARKS)


def test_forms_are_final() -> None:
    for code, form in FORMS.items():
        assert form.translate(FORMS) == form, hex(code)


def test_runs_of_changing_characters_are_found() -> None:
    for code in {*FORMS, *MARKS}:
        assert CHANGING.fullmatch(chr(code)), hex(code)
        (alike,) = ALIKE.finditer(chr(code))
        kind = "marks" if code in MARKS else {0: "gone", 1: "one"}.get(len(FORMS[code]), "many")
        assert alike.lastgroup == kind
    assert CHANGING.search("Prose with “quotes” — кошка") is None


def test_classes_are_made_of_ranges() -> None:
    assert list(ranges([5, 1, 2, 3, 9, 8])) == [(1, 3), (5, 5), (8, 9)]
    assert list(ranges([])) == []
    assert python_class([65, 66]) == "\\U00000041-\\U00000042"
    assert re2_class([sys.maxunicode]) == "\\x{10ffff}-\\x{10ffff}"
