"""The proof for views: what is disguised is found, and a stream of it is judged as the whole of it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Engine, Guardrail
from guardrails.config import guardrail
from tests.guardrails import oracle
from tests.guardrails.disguises import DISGUISES, PAYLOADS
from tests.guardrails.streams import Streamed, assert_as_whole, cut

VALUES = {
    "jane.doe@example.com": {"pii": {"entities": ["email"]}},
    "4111 1111 1111 1111": {"pii": {"entities": ["card"]}},
    "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": {"secrets": {}},
    "project bluebird": {"words": {"deny": ["project bluebird"]}},
    "EMP-123456-X": {"regex": {"pattern": r"EMP-\d{6}-X"}},
}


def _guardrails(*checks: object, action: Action = Action.REDACT) -> list[Guardrail]:
    return [guardrail("g", {"checks": checks, "action": action.value, "timeout_ms": 60_000})]


_DISGUISED = [
    (value, disguise) for value in VALUES for disguise in DISGUISES if DISGUISES[disguise](value) != value
]
"""Some do nothing to some: digits have no look-alikes."""


@pytest.mark.parametrize(("value", "disguise"), _DISGUISED)
def test_a_disguised_value_is_found_and_redacted_as_a_whole(value: str, disguise: str) -> None:
    guardrails = _guardrails(VALUES[value])
    written = DISGUISES[disguise](value)
    text = f"It is {written} as I said."
    streamed = Streamed(Engine(guardrails, oracle.KEY), [text])
    ((start, end),) = {(finding.start, finding.end) for finding in streamed.verdicts[0].findings}
    if disguise in PAYLOADS:
        assert text[start:end].strip() in written
        assert len(value) <= end - start
    else:
        assert start == len("It is ")
        assert len(written) - 1 <= end - start <= len(written), "all but what is invisible at its end"
    assert streamed.text.replace("\n", "").endswith(" as I said.")


DISGUISED = st.builds(
    lambda value, disguise: DISGUISES[disguise](value),
    st.sampled_from([*VALUES]),
    st.sampled_from([*DISGUISES]),
)
CUT_SHORT = st.builds(lambda text, length: text[:length], DISGUISED, st.integers(1, 60))
BETWEEN = st.sampled_from(
    [
        *VALUES,
        *" =&x",
        " ",
        "\n",
        "the ",
        "мир ",
        "中文。",
        "\u3164",
        "\u200b",
        "%41",
        "é",
        "e\u0301",
        "\u0301",
        "ﬁ",
    ]
)
TEXTS = st.lists(DISGUISED | CUT_SHORT | BETWEEN | BETWEEN, max_size=7).map("".join)
SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=6)


@settings(deadline=None, max_examples=100)
@given(TEXTS, SIZES, st.sampled_from([Action.BLOCK, Action.REDACT]))
def test_any_disguised_text_in_any_fragments(text: str, sizes: list[int], action: Action) -> None:
    guardrails = _guardrails(*VALUES.values(), action=action)
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, [text])
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, cut(text, [1]))


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguised_value_gets_out_wherever_it_is_cut(disguise: str) -> None:
    text = f"It is {DISGUISES[disguise]('the bluebird')} 吗。"
    guardrails = _guardrails({"words": {"deny": ["the bluebird"]}})
    engine = Engine(guardrails, oracle.KEY)
    for place in range(len(text)):
        assert_as_whole(guardrails, engine, text, [text[:place], text[place:]])
