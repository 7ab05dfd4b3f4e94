"""Keys differ where an answer could, and only there."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.cache.key import LEFT_OUT, Keys, Scope
from tests.caches import SCOPE, SECRET, asking

KEYS = Keys(SECRET)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["messages", "seed", "tools", "unheard_of"]) | st.text(), JSON)
TEXTS = st.text(max_size=5)
SCOPES = st.builds(
    Scope,
    caller=TEXTS,
    provider=TEXTS,
    model=TEXTS,
    strict=st.booleans(),
    policy_version=TEXTS,
    namespace=TEXTS,
    account=TEXTS,
    forwarded=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)


def _shuffled(value: Any) -> Any:
    """Return equal JSON with all members in the opposite order."""
    if isinstance(value, dict):
        return {name: _shuffled(value[name]) for name in reversed(value)}
    return [_shuffled(one) for one in value] if isinstance(value, list) else value


def _kept(document: dict[str, Any]) -> str:
    kept = {name: value for name, value in document.items() if name not in LEFT_OUT}
    return json.dumps(kept, sort_keys=True)


@given(DOCUMENTS, st.dictionaries(st.sampled_from(sorted(LEFT_OUT)), JSON))
def test_order_and_what_changes_no_answer_change_no_key(
    document: dict[str, Any], rest: dict[str, Any]
) -> None:
    assert KEYS.exact(SCOPE, {**_shuffled(document), **rest}) == KEYS.exact(
        SCOPE, {name: value for name, value in document.items() if name not in LEFT_OUT - rest.keys()} | rest
    )


@given(SCOPES, SCOPES, DOCUMENTS, DOCUMENTS)
def test_two_requests_share_a_key_only_if_they_are_equal(
    scope: Scope, other: Scope, document: dict[str, Any], another: dict[str, Any]
) -> None:
    is_same = scope == other and _kept(document) == _kept(another)
    assert (KEYS.exact(scope, document) == KEYS.exact(other, another)) is is_same


@given(SCOPES, st.sampled_from(Scope.__struct_fields__), SCOPES)
def test_every_part_of_a_scope_counts_by_itself(scope: Scope, name: str, other: Scope) -> None:
    assume(getattr(scope, name) != getattr(other, name))
    changed = msgspec.structs.replace(scope, **{name: getattr(other, name)})
    assert KEYS.exact(scope, asking()) != KEYS.exact(changed, asking())


@given(DOCUMENTS, st.text().filter(lambda name: name not in LEFT_OUT), JSON)
def test_a_parameter_nobody_has_heard_of_counts(document: dict[str, Any], name: str, value: Any) -> None:
    assume(name not in document)
    assert KEYS.exact(SCOPE, {**document, name: value}) != KEYS.exact(SCOPE, document)


@pytest.mark.parametrize(
    "name",
    "metadata model prompt_cache_key prompt_cache_options prompt_cache_retention safety_identifier stream"
    " stream_options user".split(),
)
def test_these_count_for_nothing(name: str) -> None:
    assert KEYS.exact(SCOPE, {**asking(), name: "one"}) == KEYS.exact(SCOPE, {**asking(), name: "another"})


@pytest.mark.parametrize("name", ["messages", "seed", "service_tier", "store", "temperature", "tools", "n"])
def test_these_count(name: str) -> None:
    assert KEYS.exact(SCOPE, {**asking(), name: "one"}) != KEYS.exact(SCOPE, {**asking(), name: "another"})


def test_texts_that_move_from_one_field_to_the_next_make_another_key() -> None:
    left = msgspec.structs.replace(SCOPE, caller="ab", provider="c")
    right = msgspec.structs.replace(SCOPE, caller="a", provider="bc")
    assert KEYS.exact(left, asking()) != KEYS.exact(right, asking())


def test_true_is_not_one_and_a_text_is_no_number() -> None:
    values = [True, 1, "1", 1.0, [1], None, False, 0, "", []]
    assert len({KEYS.exact(SCOPE, asking(seed=value)) for value in values}) == len(values)


def test_the_secret_decides_about_every_key() -> None:
    assert KEYS.exact(SCOPE, asking()) != Keys(b"another secret 16").exact(SCOPE, asking())


def test_a_key_is_256_bits_in_hexadecimal_digits() -> None:
    key = KEYS.exact(SCOPE, asking())
    assert len(bytes.fromhex(key)) == 32


def test_a_key_of_one_kind_is_never_one_of_the_other() -> None:
    assert KEYS.exact(SCOPE, {}) != KEYS.alike(SCOPE, {})


@pytest.mark.parametrize("length", [0, 15, 65])
def test_a_secret_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        Keys(bytes(length))


def test_a_request_stays_as_it_is() -> None:
    document = asking(stream=True, user="u-1")
    KEYS.exact(SCOPE, document)
    assert document == asking(stream=True, user="u-1")
