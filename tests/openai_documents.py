"""Hypothesis strategies for `chat.completion` documents, documented and undocumented fields alike."""

from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
KEY = st.text("abcxyz_", min_size=1, max_size=4).map(lambda name: "x_" + name)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=5,
)
UNKNOWN = st.dictionaries(KEY, VALUE, max_size=2)


def _joined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


def _fields(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return _joined(st.fixed_dictionaries(required, optional=optional), UNKNOWN)


TOKEN = st.fixed_dictionaries(
    {"token": TEXT, "logprob": st.floats(-9, 0), "bytes": st.none(), "top_logprobs": st.just([])}
)
LOGPROBS = st.none() | _fields(
    {},
    {"content": st.none() | st.lists(TOKEN, max_size=2), "refusal": st.none() | st.lists(TOKEN, max_size=2)},
)
FUNCTION = _fields({"name": TEXT, "arguments": TEXT}, {})
CALL = _fields({"id": st.text("abc0", min_size=1), "type": st.just("function"), "function": FUNCTION}, {})
CUSTOM = _fields(
    {
        "id": st.text("abc0", min_size=1),
        "type": st.just("custom"),
        "custom": st.fixed_dictionaries({"name": TEXT, "input": TEXT}),
    },
    {},
)
MESSAGE = _fields(
    {"role": st.just("assistant"), "content": st.none() | TEXT | st.lists(VALUE, max_size=2)},
    {
        "refusal": st.none() | TEXT,
        "reasoning_content": st.none() | TEXT,
        "reasoning": st.none() | TEXT,
        "annotations": st.none() | st.lists(UNKNOWN, max_size=2),
        "audio": st.none() | st.fixed_dictionaries({"id": TEXT, "transcript": TEXT}),
        "function_call": st.none() | FUNCTION,
        "tool_calls": st.none() | st.lists(CALL | CUSTOM, max_size=3),
    },
)
CHOICE = _fields(
    {"message": MESSAGE, "finish_reason": st.sampled_from(["stop", "length", "tool_calls", "eos"])},
    {"logprobs": LOGPROBS, "content_filter_results": VALUE},
)
DOCUMENT = _fields(
    {
        "id": TEXT,
        "object": st.just("chat.completion"),
        "created": st.integers(0, 2**40),
        "model": TEXT,
        "choices": st.lists(CHOICE, min_size=1, max_size=3).map(
            lambda choices: [{"index": index, **choice} for index, choice in enumerate(choices)]
        ),
    },
    {
        "usage": st.none() | _fields({"prompt_tokens": st.integers(0, 9)}, {}),
        "system_fingerprint": st.none() | TEXT,
        "service_tier": st.none() | TEXT,
        "citations": VALUE,
    },
)
