"""All readings of a text, layer by layer, and what of them goes on as the text does."""

import time

import pytest

from guardrails.view import View
from guardrails.views.readings import ends_with_break, in_place, is_begun, readings
from tests.guardrails.disguises import in_base64, in_tags


def _texts(text: str) -> list[tuple[View, bool, str]]:
    return [(reading.view, reading.in_place, reading.text) for reading in readings(text)]


def test_a_plain_text_has_none() -> None:
    assert readings("Nothing is hidden here, nor — “of course” — there. Привет, 你好.") == []


def test_a_folded_text_is_one() -> None:
    assert _texts("pass\u200bword") == [(View.FOLDED, True, "password")]


def test_escapes_are_resolved_twice_and_folded() -> None:
    assert _texts("&amp;#105;") == [(View.DECODED, True, "&#105;"), (View.DECODED, True, "i")]
    assert _texts("&#xff29;&#8203;x") == [(View.DECODED, True, "\uff29\u200bx"), (View.DECODED, True, "Ix")]


def test_two_layers_of_payloads_are_read_and_no_third() -> None:
    deep = in_base64(in_base64(in_base64("attack at dawn")))
    assert [text for _, _, text in _texts(deep)] == [
        in_base64(in_base64("attack at dawn")),
        in_base64("attack at dawn"),
    ]


def test_a_payload_is_read_in_the_folded_text_and_folded_itself() -> None:
    text = "\u200b".join(in_base64("pass\u200bword"))
    assert _texts(text) == [
        (View.FOLDED, True, in_base64("pass\u200bword")),
        (View.DECODED, False, "pass\u200bword"),
        (View.DECODED, False, "password"),
    ]
    assert [reading.origin(0, 4) for reading in readings(text)][1:] == [(0, len(text))] * 2


def test_what_an_escape_or_a_payload_in_a_payload_says_stands_where_the_outer_one_does() -> None:
    for said in ("Attack at %64awn", in_base64("Attack at dawn")):
        text = f"see {in_base64(said)} "
        last = readings(text)[-1]
        assert last.text == "Attack at dawn"
        assert last.origin(2, 5) == (4, len(text) - 1)


def test_what_is_smuggled_is_read_where_it_stands() -> None:
    (folded, tags) = readings("a\u200bb" + in_tags("secret"))
    assert folded.text == "ab"
    assert (tags.text, tags.origin(0, 6), tags.in_place) == ("secret", (3, 9), False)


@pytest.mark.parametrize("text", ["plain", "x" * 40, in_base64("attack at dawn"), "“é”"])
def test_a_text_may_have_no_reading_in_place(text: str) -> None:
    assert in_place(text) == []


def test_those_in_place_are_known_alone() -> None:
    text = f"&#105; {in_base64('attack at dawn')} "
    assert [reading.text for reading in in_place(text)] == [f"i {in_base64('attack at dawn')} "]
    assert [reading.text for reading in in_place("a\x00 ")] == ["a "]


@pytest.mark.parametrize(
    ("text", "expected"), [("a\u200b \u3164", True), ("a \u200b\u3164x\u3164", False), ("\u3164", True)]
)
def test_a_border_may_stand_where_the_reading_has_a_break(text: str, expected: bool) -> None:
    (reading,) = in_place(text)
    assert ends_with_break(reading) is expected


def test_base64_in_lines_is_begun() -> None:
    assert is_begun("x" * 30 + "\n")
    assert not is_begun("x y\n")


WORST = [
    *(
        "a",
        "\u0430",
        "\u0430a",
        "aB3",
        "A/",
        "&",
        "%",
        "\\",
        "@.",
        "\uff4d",
        "½",
        "\ufdfa",
        "e\u0301",
        "e\u0336",
        "\u0301",
    ),
    *(
        "\u200b",
        "a\u200b",
        "\U000e0041",
        "\ufe01",
        "🏴\U000e0041\U000e0042",
        "👨\u200d",
        "\u3164",
        "中\u3164",
    ),
    *(
        "%41",
        "%2541",
        "%25",
        "&#65;",
        "&amp;",
        "\\u0041",
        "\\x41",
        "\\ud83d",
        "data:image/png;base64,",
        "====",
        "\r\n",
    ),
    *(
        "SGVsbG8sIGl0IGlzIG1lISBv ",
        "SGVsbG8sIGl0IGlzIG1lISBv\n",
        "SGVsbG8sIGl0IGlzIG1lISBv",
        "68656c6c6f20776f726c64",
        "x" * 24 + "\n ",
    ),
]


@pytest.mark.parametrize("unit", WORST)
def test_no_text_is_slow_to_read_nor_grows(unit: str) -> None:
    """At worst about half a second for 100,000 characters, of which each third is a payload."""
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    read = readings(text)
    in_place(text)
    assert time.process_time() - began < 3
    assert sum(len(reading.text) for reading in read) <= 3 * len(text) or unit == "\ufdfa"
