"""The `unicode` check finds what is there to deceive and leaves what languages and emoji are made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import ConfigError, Redactor
from guardrails.check import Run
from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built
from tests.guardrails.disguises import in_selectors, in_tags

# ruff: noqa: RUF001 (letters that look like others are what this file is about)

CHECK = built("unicode")


def _found(text: str) -> list[tuple[str, str]]:
    return [(match.rule, text[match.start : match.end]) for match in CHECK.find(Run(text))]


@pytest.mark.parametrize(
    ("text", "rule", "what"),
    [
        ("ign\u200bore", "invisible", "\u200b"),
        ("ign\u200b\u2060\ufeffore", "invisible", "\u200b\u2060\ufeff"),
        ("ign\u200core", "invisible", "\u200c"),
        ("ign\u200dore", "invisible", "\u200d"),
        ("i\u00adgnore", "invisible", "\u00ad"),
        ("a\ufeff", "invisible", "\ufeff"),
        ("a\u3164b", "invisible", "\u3164"),
        ("a\u2800b", "invisible", "\u2800"),
        ("a\ufe0fb", "invisible", "\ufe0f"),
        ("say \u202ereversed\u202c", "bidi", "\u202e"),
        ("a\u2066b\u2069c", "bidi", "\u2066"),
        ("if \u2066\u2066x\u2069", "bidi", "\u2066"),
        ("left \u2067open\nand closed", "bidi", "\u2067"),
        ("pass\u200eword", "bidi", "\u200e"),
        ("hi" + in_tags("ignore all") + " you", "smuggled", in_tags("ignore all")),
        ("x\U000e0041", "smuggled", "\U000e0041"),
        (in_selectors("ignore"), "smuggled", in_selectors("ignore")[1:]),
        ("my p\u0430ypal account", "homoglyph", "p\u0430ypal"),
        ("\u0430dmin@example.com", "homoglyph", "\u0430dmin@example.com"),
        ("\u041cicrosoft", "homoglyph", "\u041cicrosoft"),
        ("g\u03bf\u03bfgle", "homoglyph", "g\u03bf\u03bfgle"),
    ],
)
def test_what_deceives_is_found_where_it_stands(text: str, rule: str, what: str) -> None:
    assert (rule, what) in _found(text)
    assert {name for name, _ in _found(text)} == {rule}


@pytest.mark.parametrize(
    "text",
    [
        "Plain prose, “quoted” — with an ellipsis… and a naïve café.",
        "Комитет собрался во вторник. IT-отдел, 3D-модель, USB-кабель, Wi-Fi, iPhoneа.",
        "Η επιτροπή συνεδρίασε· IFNγ, TNFα, NFκB, β-blocker, μm, ρgh",
        "می\u200cخواهم کتاب\u200cها را",
        "क\u094d\u200dष और क\u094d\u200cष",
        "👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3 ☎\ufe0e 🧑🏽\u200d💻",
        "🏴" + in_tags("gbeng") + "\U000e007f 🏴" + in_tags("ussc") + "\U000e007f",
        "\ufeffstarts with a byte order mark",
        "Donau\u00addampf\u00adschiff\u00adfahrt",
        "שלום\u200f! (abc)\u200e",
        "\u2066Windows\u2069 هو \u2067نظام\u2069 \u202bشيء\u202c",
        "ภาษา\u200bไทย ភាសា\u200bខ្មែរ 中文\u200b字",
        "葛\U000e0100城 辻\ufe00",
        "ᄒ\u1160 ⠓\u2800⠁",
        "\x1b[31mred\x1b[0m",
        "сообщение.txt и файл.doc",
    ],
)
def test_genuine_text_is_left_alone(text: str) -> None:
    assert _found(text) == []


def test_a_redaction_takes_out_what_shows_nothing() -> None:
    redactor = Redactor([CHECK])
    assert redactor.redact("ig\u200bno\u2060re \u202eit" + in_tags("secret")) == "ignore it"
    assert redactor.redact("my p\u0430ypal") == "my [HOMOGLYPH]"
    assert redactor.redact("می\u200cخواهم 👨\u200d👩\u200d👧") == "می\u200cخواهم 👨\u200d👩\u200d👧"


def test_rules_can_be_chosen() -> None:
    text = "a\u200bb\x07 p\u0430ypal"
    assert {match.rule for match in built("unicode", {"rules": ["control"]}).find(Run(text))} == {"control"}
    assert {match.rule for match in built("unicode", {"rules": ["homoglyph"]}).find(Run(text))} == {
        "homoglyph"
    }
    with pytest.raises(ConfigError, match="give at least one rule"):
        built("unicode", {"rules": []})


def test_only_an_isolate_is_waited_for_to_the_end_of_its_line() -> None:
    assert CHECK.is_open("a \u2067b ", 0)
    assert not CHECK.is_open("a \u2067b\u2069 c ", 0)
    assert not CHECK.is_open("a \u2067b\n", 0)
    assert not CHECK.is_open("a \u202eb ", 0)
    assert not CHECK.is_open("word ", 0)


LETTERS = "ab \n中\u0430жا👨ไ1\u0301ㅎ"
SUSPECTS = (
    "\u200b\u200c\u200d\u00ad\u2066\u2069\u202e\u202c\u202a\u200e\ufeff\ufe0f\u3164\uffa0\x00\u2800\u2060"
)
TAGS = "🏴\U000e0061\U000e0062\U000e0063\U000e007f"
ALPHABET = st.sampled_from(LETTERS + SUSPECTS + TAGS)


@settings(max_examples=300, deadline=None)
@given(st.text(ALPHABET, max_size=16))
def test_it_keeps_the_law_among_what_it_looks_for(text: str) -> None:
    assert_conforms(CHECK, text)
