from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.types import HTTPScope

from app.api.headers import CallHeaders, call_headers, content_of, require_json, value_of
from app.cache.wish import CacheWish
from app.domain.errors import InvalidRequest, UnsupportedMediaType


def scope_with(*headers: tuple[bytes, bytes]) -> HTTPScope:
    scope: dict[str, Any] = {"type": "http", "headers": [*headers]}
    return cast("HTTPScope", scope)


def test_the_first_header_of_a_name_is_its_value() -> None:
    scope = scope_with((b"a", b" 1 "), (b"b", b"2"), (b"a", b"3"))
    assert (value_of(scope, b"a"), value_of(scope, b"c")) == (b"1", None)


@pytest.mark.parametrize("sent", [b"application/json", b"Application/JSON ; charset=utf-8"])
def test_json_is_taken(sent: bytes) -> None:
    require_json(scope_with((b"content-type", sent)))


@pytest.mark.parametrize("sent", [b"text/plain", b"", b"multipart/form-data", b"a/b, application/json"])
def test_what_browsers_send_without_asking_is_refused(sent: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        require_json(scope_with((b"content-type", sent)))


def test_a_compressed_body_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType, match="content-encoding"):
        require_json(scope_with((b"content-type", b"application/json"), (b"content-encoding", b"gzip")))


def test_without_headers_nothing_is_asked_for() -> None:
    assert call_headers(scope_with()) == CallHeaders()


def test_guardrails_of_several_headers_are_joined_once_each() -> None:
    name = b"x-handrail-guardrails"
    asked = call_headers(scope_with((name, b"a, b,,"), (name, b"b ,c")))
    assert asked.guardrails == ("a", "b", "c")


def test_metadata_is_a_json_object() -> None:
    assert call_headers(scope_with((b"x-portkey-metadata", b'{"_user": "u", "n": [1]}'))).metadata == {
        "_user": "u",
        "n": [1],
    }


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_metadata_or_an_error_that_names_the_header(sent: bytes) -> None:
    scope = scope_with((b"x-portkey-metadata", b"!" + sent))
    with pytest.raises(InvalidRequest, match="x-portkey-metadata") as caught:
        call_headers(scope)
    assert caught.value.param == "x-portkey-metadata"


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_names_of_guardrails(sent: bytes) -> None:
    asked = call_headers(scope_with((b"x-handrail-guardrails", sent)))
    assert all(name and "," not in name for name in asked.guardrails)


@pytest.mark.parametrize(
    ("sent", "strict"),
    [(None, True), (b"true", True), (b"", True), (b"0", True), (b"false", False), (b"False", False)],
)
def test_only_a_literal_false_frees_answers_from_openais_vocabulary(sent: bytes | None, strict: bool) -> None:
    headers = [] if sent is None else [(b"x-portkey-strict-open-ai-compliance", sent)]
    assert call_headers(scope_with(*headers)).strict is strict


@pytest.mark.parametrize(
    ("sent", "refresh"), [(b"true", True), (b"True", True), (b"", True), (b"false", False), (b"False", False)]
)
def test_a_refresh_is_asked_for_by_anything_but_false(sent: bytes, refresh: bool) -> None:
    asked = call_headers(scope_with((b"x-portkey-cache-force-refresh", sent)))
    assert asked.cache == CacheWish(refresh=refresh)


def test_a_namespace_is_taken_as_it_comes() -> None:
    assert call_headers(scope_with()).cache == CacheWish()
    asked = call_headers(scope_with((b"x-portkey-cache-namespace", "caf\u00e9".encode())))
    assert asked.cache == CacheWish(namespace="caf\u00e9")


@pytest.mark.parametrize(("sent", "forbidden"), [(b"false", True), (b"true", False), (b"", False)])
def test_who_wants_nothing_stored_is_not_cached(sent: bytes, forbidden: bool) -> None:
    assert call_headers(scope_with((b"x-portkey-debug", sent))).cache.is_forbidden is forbidden
    assert content_of(scope_with((b"x-portkey-debug", sent))) == ("hashes" if forbidden else "full")
