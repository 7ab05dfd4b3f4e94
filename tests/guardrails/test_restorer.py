"""Restoring puts back what was given out, in whole texts and in pieces alike, and nothing else."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.restorer import Restorer
from tests.guardrails.streams import cut

VALUES = {
    "EMAIL_K7Q2MD": "alice@example.com",
    "EMAIL_K7Q2MD_2": "Alice@example.com",
    "US_SSN_BBBBBB": "536-22-8726",
    "A_222222": "[EMAIL_K7Q2MD]",
}


class Known:
    """Some pseudonyms, looked up the slow and obvious way."""

    longest = max(map(len, VALUES))

    def value(self, pseudonym: str) -> str | None:
        return VALUES.get(pseudonym)

    def may_begin(self, start: str) -> bool:
        return any(one.startswith(start) for one in VALUES)


def restored(pieces: Sequence[str]) -> str:
    restorer = Restorer(Known())
    return "".join(map(restorer.feed, pieces)) + restorer.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to [EMAIL_K7Q2MD].", "to alice@example.com."),
        ("to [email_k7q2md].", "to alice@example.com."),
        ("to [Email_K7q2md], [US_SSN_BBBBBB]", "to alice@example.com, 536-22-8726"),
        ("**EMAIL_K7Q2MD**, `email_k7q2md`", "**alice@example.com**, `alice@example.com`"),
        (r"\[EMAIL\_K7Q2MD\] US\_SSN\_BBBBBB", "alice@example.com 536-22-8726"),
        ("mailto:EMAIL_K7Q2MD", "mailto:alice@example.com"),
        ("[[EMAIL_K7Q2MD]](mailto:EMAIL_K7Q2MD)", "[alice@example.com](mailto:alice@example.com)"),
        ("[EMAIL_K7Q2MD", "[alice@example.com"),
        ("x[EMAIL_K7Q2MD]x", "xalice@example.comx"),
        ("给EMAIL_K7Q2MD写信", "给alice@example.com写信"),
        ("[EMAIL_K7Q2MD_2]", "Alice@example.com"),
        ("[EMAIL_K7Q2MD][EMAIL_K7Q2MD]", "alice@example.comalice@example.com"),
    ],
)
def test_what_was_given_out_is_restored_however_a_model_writes_it(text: str, expected: str) -> None:
    assert restored([text]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[EMAIL]",
        "[EMAIL_K7Q2MX]",
        "[EMAIL_K7Q2M]",
        "xEMAIL_K7Q2MD",
        "EMAIL_K7Q2MDx",
        "EMAIL_K7Q2MD_3",
        "my_EMAIL_K7Q2MD",
        "EMAIL K7Q2MD",
        "K7Q2MD",
        "[EMAIL_K7Q2MD_x]",
        "\\\\\\[[[__",
        "\u017f_222222",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert restored([text]) == text
    assert restored(list(text)) == text


def test_what_is_restored_is_not_restored_once_more() -> None:
    assert restored(["[A_222222]"]) == "[EMAIL_K7Q2MD]"


PIECES = [
    *("[", "]", "\\", "_", "\\_", " ", "\n", "x", "é", "给", "EMAIL", "email_", "K7Q2MD", "k7q2md", "2"),
    *("EMAIL_K7Q2MD", "[EMAIL_K7Q2MD]", "US_SSN", "_BBBBBB", "[A_222222]", "EMAIL_", "A", "a_2222", "22"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@given(TEXTS, SIZES)
def test_any_pieces_are_restored_as_the_whole(text: str, sizes: list[int]) -> None:
    whole = restored([text])
    assert restored(list(text)) == whole
    assert restored(cut(text, sizes)) == whole


@given(TEXTS)
def test_held_is_at_most_what_could_be_one_pseudonym(text: str) -> None:
    restorer, seen, out = Restorer(Known()), "", ""
    for character in text:
        seen += character
        out += restorer.feed(character)
        held = restored([seen]).removeprefix(out)
        assert len(held) <= 2 * Known.longest + 4


def test_plain_text_is_never_held() -> None:
    restorer = Restorer(Known())
    for piece in ("Dear", " custo", "mer, 1", "2.5 [", "1] is", " ok_now"):
        released = restorer.feed(piece)
        assert released.rstrip("[") == piece.rstrip("[").replace("1] is", "[1] is")
