import io

import pytest

from app.demo.paper import Paper


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_fields_stand_in_two_columns_and_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    stream = io.StringIO()
    Paper(stream).field("answer", "one two three four five six seven", "eight")
    assert stream.getvalue() == (
        "  answer        one two three four\n                five six seven\n                eight\n"
    )


def test_an_empty_value_still_has_its_line() -> None:
    stream = io.StringIO()
    Paper(stream).field("answer", "")
    assert stream.getvalue().strip() == "answer"


def test_what_is_to_be_copied_is_never_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    stream = io.StringIO()
    Paper(stream).exactly("x" * 200, "")
    assert stream.getvalue() == "    " + "x" * 200 + "\n\n"


@pytest.mark.parametrize(("stream", "escapes"), [(io.StringIO(), False), (_Terminal(), True)])
def test_only_a_terminal_gets_bold(stream: io.StringIO, *, escapes: bool) -> None:
    Paper(stream).title("Starting")
    assert "Starting" in stream.getvalue()
    assert ("\x1b" in stream.getvalue()) == escapes
