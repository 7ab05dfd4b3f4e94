"""The redactor takes out what checks find, and lets no text through that a check failed on."""

import pytest

from guardrails import Redactor
from guardrails.view import AS_IT_IS_READ
from tests.guardrails.planted import Broken, Groups, Line, Short, Word

EMAIL = Word("email", r"\w+@\w+")


def test_it_redacts_whole_texts() -> None:
    redactor = Redactor([EMAIL, Groups("number", "[0-9]"), Line()])
    assert redactor.redact("me@here has 1 2 3\nBEGIN a@b") == "[EMAIL] has [NUMBER]\n[LINE]"


def test_it_redacts_what_is_disguised() -> None:
    class Seen(Word):
        views = AS_IT_IS_READ

    redactor = Redactor([Seen("name", "bluebird")])
    assert (
        redactor.redact("It is b\u200bluebird, Ymx1ZWJpcmQgaXMgaXQ= or blu%65bird.")
        == "It is [NAME], [NAME] or [NAME]."
    )


def test_a_clean_text_is_returned_as_it_is_without_asking_a_check() -> None:
    check = Word("email", r"\w+@\w+")
    text = "nothing here " * 10
    assert Redactor([check]).redact(text) is text
    assert check.asked == []


def test_where_nothing_is_found_a_lone_surrogate_stays() -> None:
    assert Redactor([EMAIL]).redact("\ud83d at @") == "\ud83d at @"
    assert Redactor([EMAIL]).redact("\ud83d a@b") == "\ud83d [EMAIL]"


def test_a_text_on_which_a_check_fails_is_withheld() -> None:
    assert Redactor([EMAIL, Broken(KeyError("x"))]).redact("me@here") == "[WITHHELD]"


def test_without_checks_it_changes_nothing() -> None:
    assert Redactor([]).redact("me@here") == "me@here"


def test_a_check_whose_findings_cover_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'short' finds cannot be redacted"):
        Redactor([Short(3)])
