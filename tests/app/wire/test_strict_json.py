import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest
from app.wire.strict_json import decode_array, decode_object

KNOWN = frozenset({"model", "messages"})


def refused(body: bytes, max_depth: int = 8) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        decode_object(body, max_depth=max_depth, known_keys=KNOWN)
    return caught.value


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_what_json_can_say_is_read_as_it_was_said(document: dict[str, object]) -> None:
    read = decode_object(json.dumps(document).encode(), max_depth=100)
    assert read == document
    assert repr(read) == repr(document)  # 1 stays 1 and 1.0 stays 1.0


def test_integers_stay_exact() -> None:
    assert decode_object(b'{"a":123456789012345678901234567890}', max_depth=2) == {
        "a": 123456789012345678901234567890
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b'{"a":1}x', "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b'{"a":"\x01"}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a":"\xff"}', "not UTF-8: byte 6"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        (b"[]", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "-Infinity"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":' + b"1" * 5000 + b"}", "too many digits"),
        (b'{"a":"\\ud83d"}', "surrogate"),
        (b'{"a":"\\ude00\\ud83d"}', "surrogate"),
        (b'{"\\uD83D":1}', "surrogate"),
        (b'{"b":{"a":1,"a":2}}', "twice"),
        (b'{"a":1,"\\u0061":2}', "twice"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deeply"),
        (b'{"a":' + b'{"b":' * 8 + b"1" + b"}" * 9, "too deeply"),
    ],
)
def test_what_readers_could_understand_differently_is_refused(body: bytes, message: str) -> None:
    error = refused(body)
    assert message in error.message
    assert error.status == 400


def test_pairs_of_surrogates_and_escaped_backslashes_are_text() -> None:
    document = decode_object(rb'{"a":"\ud83d\ude00","b":"\\ud83d"}', max_depth=2)
    assert document == {"a": "\N{GRINNING FACE}", "b": "\\ud83d"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":1,"messages":2}',
        b'{"messages":"\\ud83d"}',
        b'{"messages":' + b"[" * 50 + b"]" * 50 + b"}",
    ],
)
def test_the_field_is_named(body: bytes) -> None:
    assert refused(body).param == "messages"


@pytest.mark.parametrize(
    "body",
    [
        b'{"canary-7":1,"canary-7":2}',
        b'{"canary-7":"\\ud83d"}',
        b'{"canary-7":' + b"[" * 50 + b"]" * 50 + b"}",
        b'{"a":"canary-7\xff"}',
        b'{"a":canary-7}',
    ],
)
def test_content_is_never_repeated(body: bytes) -> None:
    assert "canary" not in str(refused(body).body())


def test_depth_counts_the_outermost_object() -> None:
    assert decode_object(b'{"a":[{"b":[]}]}', max_depth=4) == {"a": [{"b": []}]}
    assert "at most 3 levels" in refused(b'{"a":[{"b":[]}]}', max_depth=3).message


def test_an_array_is_read_as_strictly() -> None:
    assert decode_array(b'[{"a":[]}, 1]', max_depth=3) == [{"a": []}, 1]
    for body in (b"{}", b'[{"canary-7":1,"canary-7":2}]', b"[[[]]]", b'["canary-7\\ud83d"]', b"[canary-7]"):
        with pytest.raises(InvalidRequest) as caught:
            decode_array(body, max_depth=2)
        assert "canary" not in str(caught.value.body())


def test_brackets_inside_texts_do_not_nest() -> None:
    assert decode_object(json.dumps({"a": "[{" * 100}).encode(), max_depth=2) == {"a": "[{" * 100}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":[' + b"[]," * 3_000_000 + b"[]]}",
        b'{"a":[' + b"0," * 5_000_000 + b"0]}",
        b'{"a":"' + b"\\ud83d\\ude00" * 800_000 + b'"}',
        b'{"a":"' + b"\\" * 10_000_000 + b'"}',
    ],
    ids=["lists", "numbers", "escapes", "backslashes"],
)
def test_ten_megabytes_are_read_in_bounded_time(body: bytes) -> None:
    started = time.process_time()
    decode_object(body, max_depth=8)
    assert time.process_time() - started < 40  # about 1 s for the lists, where nobody else is at work
