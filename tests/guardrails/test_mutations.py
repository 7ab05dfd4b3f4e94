"""Disguises that a reader sees through, and a plain search does not."""

import base64
import unicodedata

import pytest

from guardrails.mutations import MUTATIONS, base64_encoded, full_width, homoglyph, zero_width

TEXT = "My card is 4111 1111, the password is hunter2."


def test_a_zero_width_space_stands_in_each_word() -> None:
    assert zero_width("the 4111 x") == "t\u200bhe 41\u200b11 x"


def test_a_letter_of_each_word_is_replaced_by_one_that_looks_alike() -> None:
    assert homoglyph("paste nn 42") == "\u0440aste nn 42"


def test_full_width_characters_are_compatible_with_what_they_disguise() -> None:
    assert full_width("a 1") == "\uff41 \uff11"
    assert unicodedata.normalize("NFKC", full_width(TEXT)) == TEXT


def test_base64_can_be_decoded_again() -> None:
    assert base64.b64decode(base64_encoded(TEXT).rpartition(" ")[2]).decode() == TEXT


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_text_is_always_disguised_alike_and_never_as_it_was(name: str) -> None:
    mutate = MUTATIONS[name]
    assert mutate(TEXT) == mutate(TEXT)
    assert "password" not in mutate(TEXT)
    assert "4111" not in mutate(TEXT) or name == "homoglyph"
