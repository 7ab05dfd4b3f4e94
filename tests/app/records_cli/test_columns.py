import io

import pytest

from app.records_cli.columns import fitted, safe, table, terminal_width, width_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("grün 漢字 👍", "grün 漢字 👍"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202eabc\u200b\x9b", "\\u202eabc\\u200b\\x9b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_nothing_that_is_shown_does_anything(text: str, shown: str) -> None:
    assert safe(text) == shown
    assert safe("a\nb\tc", lines=True) == "a\nb\tc"
    assert safe("a\rb", lines=True) == "a\\rb"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("漢字漢字", 5, "漢字…"),
        ("漢字", 4, "漢字"),
        ("漢字a", 4, "漢… "),
    ],
)
def test_texts_are_cut_and_filled_by_the_cells_they_take(text: str, width: int, shown: str) -> None:
    assert fitted(text, width) == shown
    assert width_of(fitted(text, width)) == width


def test_a_table_fits_its_terminal_and_is_whole_elsewhere() -> None:
    rows = [("1", "x" * 50, "y" * 30), ("22", "z", "")]
    whole = [*table(("n", "long", "other"), rows, None)]
    assert whole[1] == f"1   {'x' * 50}  {'y' * 30}"
    narrow = [*table(("n", "long", "other"), rows, 40)]
    assert all(width_of(line) <= 40 for line in narrow)
    assert "x…  y" in narrow[1]
    assert [*table(("a", "b"), [], 80, (5, 1))] == ["a      b"]


def test_where_no_terminal_is_nothing_is_cut() -> None:
    assert terminal_width(io.StringIO()) is None
