"""Words that a service quotes are found where they stand in the text, in full and nowhere else."""

import pytest

from guardrails.remote.quoted import quoted


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("Al also wrote to al.", "Al", ["Al", "al"]),
        ("alpha", "al", ["al"]),
        ("to  ann@x.org, Ann@x.org", "ann@x.org", ["ann@x.org", "Ann@x.org"]),
        ("10 High\n Street", "10 high street", ["10 High\n Street"]),
        ("a+b, not aab", "a+b", ["a+b"]),
        ("+49 30 1", "+49 30 1", ["+49 30 1"]),
        ("Grüße an Müller 😀", "müller", ["Müller"]),
        (" whole ", "changed", ["whole"]),
        (" whole ", "", ["whole"]),
    ],
)
def test_words_stand_where_they_stand(text: str, words: str, places: list[str]) -> None:
    found = quoted(text, words, "NAME", 0.5)
    assert [text[match.start : match.end] for match in found] == places
    assert {(match.rule, match.score) for match in found} == {("name", 0.5)}


def test_a_long_quotation_is_searched_for_as_it_is() -> None:
    words = "a" * 50_000 + "b"
    [found] = quoted("a" * 100_000 + words, words, "x")
    assert (found.start, found.end) == (100_000, 150_001)
    [found] = quoted(" " + "a" * 100_000, words, "x")
    assert (found.start, found.end) == (1, 100_001)


def test_a_long_text_of_one_letter_is_searched_in_linear_time() -> None:
    assert len(quoted("a" * 100_000, "aaaa", "x")) == 25_000
