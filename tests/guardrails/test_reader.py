"""The reader asks about every view that is wanted, and puts what is found where it is from."""

import time
from collections.abc import Sequence

import pytest

from guardrails import Engine, Match, Part, Run
from guardrails.config import guardrail
from guardrails.reader import Reader, ask_about, ask_each
from guardrails.view import AS_IT_IS_READ, AS_IT_STANDS, View
from tests.guardrails.disguises import in_base64
from tests.guardrails.planted import Broken, Word


class _Reading(Word):
    views = AS_IT_IS_READ


class _Folded(Word):
    views = frozenset({View.FOLDED})


def _ask(check: Word, text: str) -> list[tuple[str, int, int]]:
    asked = Reader([check]).questions(text)
    outcome = ask_about(check, Run(text), asked.get(0, ()))
    assert outcome.error is None
    return [(match.rule, match.start, match.end) for match in outcome.matches]


def test_what_a_view_shows_is_found_where_it_stands() -> None:
    assert _ask(_Reading("w", "word"), "a w\u200bord") == [("w", 2, 7)]
    assert _ask(_Reading("w", "word"), f"a {in_base64('a word is this')} ") == [("w", 2, 22)]


def test_who_wants_no_views_is_not_asked_about_them() -> None:
    check = Word("w", "word")
    assert _ask(check, "a w\u200bord and word") == [("w", 12, 16)]
    assert check.asked == ["a w\u200bord and word"]


@pytest.mark.parametrize("views", [AS_IT_STANDS, {View.FOLDED}, {View.DECODED}, {View.FOLDED, View.DECODED}])
def test_each_is_asked_about_the_views_it_wants(views: set[View]) -> None:
    class Wanting(Word):
        pass

    Wanting.views = frozenset(views)
    check = Wanting("w", "word", triggered=False)
    _ask(check, "word w\u200bord w&#111;rd")
    texts = {
        View.RAW: "word w\u200bord w&#111;rd",
        View.FOLDED: "word word w&#111;rd",
        View.DECODED: "word word word",
    }
    assert check.asked == [texts[view] for view in View if view in views]


def test_each_conversation_has_checks_of_its_own_beside_those_of_all() -> None:
    reader = Reader([Word("w", "word")], others=True)
    raw, folded = Word("r", "a", triggered=False), _Folded("f", "a", triggered=False)
    for _ in range(2):  # what is remembered of one says nothing about the other
        assert list(reader.questions("word")) == [0]
        assert list(reader.beside([raw]).questions("word")) == [0, 1]
        assert list(reader.beside([folded, raw]).questions("a")) == [2]
        assert list(reader.beside([folded, raw]).questions("a\u200b")) == [1, 2]
        assert list(reader.beside([raw, raw]).questions("word", (0, 2))) == [0, 2]


def test_who_has_nothing_to_say_is_left_out() -> None:
    checks = [Word("w", "word", triggered=False), Word("a", "a", triggered=False), Broken(ValueError())]
    said = ask_each(checks, Run("a b"), Reader(checks).questions("a b"))
    assert {place: (len(one.matches), one.error) for place, one in said.items()} == {
        1: (1, None),
        2: (0, "ValueError"),
    }


def test_what_was_found_already_is_not_found_again() -> None:
    assert _ask(_Reading("w", "wo+rd"), "word wo\u200bord é\u200b") == [("w", 0, 4), ("w", 5, 11)]


def test_what_was_found_in_the_text_stays_whatever_a_view_shows_around_it() -> None:
    assert _ask(_Reading("w", "w\u200bord|a w?ord"), "a w\u200bord") == [("w", 0, 7), ("w", 2, 7)]


def test_of_what_begins_at_one_place_the_longest_that_a_view_shows_is_enough() -> None:
    class Both(_Reading):
        def find(self, run: Run) -> Sequence[Match]:
            at = run.text.find("word")
            return [] if at < 0 else [Match("w", at, at + 2), Match("w", at, at + 4)]

    assert _ask(Both("w", "word"), "a w\u200bord") == [("w", 2, 7)]


def test_findings_of_all_views_are_in_order() -> None:
    text = f"w\u200bord {in_base64('a word is this')} word w%6frd"
    assert [start for _, start, _ in _ask(_Reading("w", "word"), text)] == [0, 6, 27, 32]


def test_a_plain_text_is_read_once() -> None:
    check = _Reading("w", "word", triggered=False)
    _ask(check, "Nothing is hidden here, nor — “of course” — responsibilities. Привет, 你好.")
    assert len(check.asked) == 1


def test_a_text_nobody_has_cause_to_look_at_has_no_questions() -> None:
    assert Reader([_Reading("w", "word")]).questions("nothing h\u200bere") == {}


def test_a_view_of_one_character_is_found_where_a_text_begins() -> None:
    assert _ask(_Reading("w", "w"), "\uff57") == [("w", 0, 1)]


def test_only_who_is_due_is_asked_about_views() -> None:
    checks = [_Reading("a", "word"), _Reading("b", "word")]
    assert list(Reader(checks).questions("w\u200bord", frozenset({1}))) == [1]
    assert list(Reader(checks).questions("word", ())) == []


def test_checks_whose_places_follow_are_asked_about_every_view() -> None:
    others = [_Reading("a", "word"), Word("b", "word"), _Reading("c", "word")]
    asked = Reader([_Reading("x", "nothing")], others=True).beside(others).questions("w\u200bord")
    assert {place: len(readings) for place, readings in asked.items()} == {1: 2, 2: 1, 3: 2}


def test_the_time_of_a_check_is_that_of_all_its_views() -> None:
    class Slow(_Reading):
        def find(self, run: Run) -> Sequence[Match]:
            if run.text == "w\u200bord":  # the text as it stands, the first of them
                time.sleep(0.02)
            return super().find(run)

    check = Slow("w", "word", triggered=False)
    outcome = ask_about(check, Run("w\u200bord"), Reader([check]).questions("w\u200bord")[0])
    assert len(check.asked) == 2
    assert outcome.duration_ns >= 20_000_000


def test_a_check_that_fails_on_one_view_has_failed() -> None:
    class Half(_Reading):
        def find(self, run: Run) -> list[Match]:
            if "\u200b" not in run.text:
                raise KeyError
            return [Match("w", 0, 1)]

    check = Half("w", "word", triggered=False)
    outcome = ask_about(check, Run("w\u200b"), Reader([check]).questions("w\u200b")[0])
    assert (outcome.error, outcome.matches) == ("KeyError", ())
    assert outcome.duration_ns > 0
    assert ask_about(Broken(ValueError()), Run("b"), [None]).error == "ValueError"


def test_payloads_are_texts_of_their_own() -> None:
    runs = []

    class Noting(_Reading):
        def find(self, run: Run) -> list[Match]:
            runs.append((run.text, run.start, run.last))
            return []

    check = Noting("w", "word", triggered=False)
    text = f"\u200b{in_base64('attack at dawn')} "
    run = Run(text, 7, last=False)
    ask_about(check, run, Reader([check]).questions(text)[0])
    assert runs == [(text, 7, False), (text[1:], 7, False), ("attack at dawn", 0, True)]


@pytest.mark.parametrize(
    ("replace", "seen", "read"),
    [("$1-***", "[REGEX]", "EMP-***"), ("EMP-***", "EMP-***", "EMP-***"), ("$$1", "$1", "$1")],
)
async def test_what_a_replacement_quotes_of_a_view_is_not_sent_on(replace: str, seen: str, read: str) -> None:
    spec = {"checks": [{"regex": {"pattern": r"(EMP)-\d{6}", "replace": replace}}], "action": "redact"}
    engine = Engine([guardrail("g", spec)], b"key")
    encoded = in_base64("EMP-123456 is the employee")
    screening = await engine.screen([Part("a", f"see {encoded} now"), Part("b", "see EMP-123456 now")])
    assert screening.redacted == {"a": f"see {seen} now", "b": f"see {read} now"}
