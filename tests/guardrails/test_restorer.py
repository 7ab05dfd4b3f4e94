"""Restoring puts back what was given out, in whole texts and in pieces alike, and nothing else."""

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardrails.restorer import Restorer
from tests.guardrails.streams import cut

VALUES = {
    "EMAIL_KVQZMD": "alice@example.com",
    "EMAIL_KVQZMD_2": "Alice@example.com",
    "US_SSN_BBBBBB": "536-22-8726",
    "A_222222": "[EMAIL_KVQZMD]",
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
        ("to [EMAIL_KVQZMD].", "to alice@example.com."),
        ("EMAIL_KVQZMD", "alice@example.com"),
        ("to [email_kvqzmd].", "to alice@example.com."),
        ("to [Email_Kvqzmd], [US_SSN_BBBBBB]", "to alice@example.com, 536-22-8726"),
        ("**EMAIL_KVQZMD**, `email_kvqzmd`", "**alice@example.com**, `alice@example.com`"),
        (r"\[EMAIL\_KVQZMD\] US\_SSN\_BBBBBB", "alice@example.com 536-22-8726"),
        (r"x\[EMAIL_KVQZMD\]", "xalice@example.com"),
        ("mailto:EMAIL_KVQZMD", "mailto:alice@example.com"),
        ("[[EMAIL_KVQZMD]](mailto:EMAIL_KVQZMD)", "[alice@example.com](mailto:alice@example.com)"),
        ("[EMAIL_KVQZMD", "[alice@example.com"),
        ("x[EMAIL_KVQZMD]x", "xalice@example.comx"),
        ("给EMAIL_KVQZMD写信", "给alice@example.com写信"),
        ("[EMAIL_KVQZMD_2]", "Alice@example.com"),
        ("[EMAIL_KVQZMD][EMAIL_KVQZMD]", "alice@example.comalice@example.com"),
    ],
)
def test_what_was_given_out_is_restored_however_a_model_writes_it(text: str, expected: str) -> None:
    assert restored([text]) == expected
    assert restored(list(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[EMAIL]",
        "[EMAIL_KVQZMX]",
        "[EMAIL_KVQZM]",
        "xEMAIL_KVQZMD",
        "EMAIL_KVQZMDx",
        "EMAIL_KVQZMD_3",
        "my_EMAIL_KVQZMD",
        "EMAIL KVQZMD",
        "KVQZMD",
        "[EMAIL_KVQZMD_x]",
        "EMAIL_KVQZMD\\_EMAIL_",
        "\\\\\\[[[__",
        "\u017f_222222",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert restored([text]) == text
    assert restored(list(text)) == text


def test_what_is_restored_is_not_restored_once_more() -> None:
    assert restored(["[A_222222]"]) == "[EMAIL_KVQZMD]"


PIECES = [
    *("[", "]", "\\", "_", "\\_", " ", "\n", "x", "é", "给", "EMAIL", "email_", "KVQZMD", "kvqzmd", "2"),
    *("EMAIL_KVQZMD", "[EMAIL_KVQZMD]", "US_SSN", "_BBBBBB", "[A_222222]", "EMAIL_", "A", "a_2222", "22"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@given(TEXTS, SIZES)
@example("[EMAIL_KVQZMD]_\\[EMAIL_KVQZMD]", [1])
def test_any_pieces_are_restored_as_the_whole(text: str, sizes: list[int]) -> None:
    whole = restored([text])
    assert restored(list(text)) == whole
    assert restored(cut(text, sizes)) == whole


def test_every_four_things_that_can_stand_around_a_pseudonym_are_restored_as_the_whole() -> None:
    for pieces in itertools.product(
        ["x", " ", "\\", "_", "\\_", "[", "2", "EMAIL_KVQZMD", "[EMAIL_KVQZMD]"], repeat=4
    ):
        text = "".join(pieces)
        assert restored(list(text)) == restored(pieces) == restored([text])


@given(TEXTS)
@example("[EMAIL_KVQZMD]_\\[EMAIL_KVQZMD]")
def test_held_is_at_most_what_could_be_one_pseudonym(text: str) -> None:
    restorer, seen, out = Restorer(Known()), "", ""
    for character in text:
        seen += character
        out += restorer.feed(character)
        held = restored([seen]).removeprefix(out)
        assert len(held) <= 2 * Known.longest + 4


def test_a_text_ends_once() -> None:
    restorer = Restorer(Known())
    assert restorer.feed("x EMAIL_KVQZMD") == "x "
    assert restorer.finish() == "alice@example.com"
    assert restorer.finish() == ""


def test_plain_text_is_never_held() -> None:
    restorer = Restorer(Known())
    for piece in ("Dear", " custo", "mer, 1", "2.5 [", "1] is", " ok_now"):
        released = restorer.feed(piece)
        assert released.rstrip("[") == piece.rstrip("[").replace("1] is", "[1] is")


@pytest.mark.parametrize("unit", ["_", "a", "a_", "[", "\\_", "[a_", "[EMAIL_KVQZMD", "\\["])
def test_worst_cases_take_no_more_time_than_others(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    begun = time.process_time()
    assert len(restored(cut(text, [8]))) >= len(text) // 2
    assert time.process_time() - begun < 2
