"""All readings of a text, layer by layer, and what of them goes on as the text does."""

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
