import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.providers.credentials import is_sendable, request_headers, scrub

KEY = "q7Rz-0123456789abcdefXYZ"


def test_configured_headers_win_in_any_case() -> None:
    headers = request_headers({"Authorization": "Basic x", "User-Agent": "me", "api-key": "k"})
    assert headers.get_list("authorization") == ["Basic x"]
    assert (headers["user-agent"], headers["api-key"]) == ("me", "k")


def test_answers_are_asked_for_uncompressed() -> None:
    assert request_headers({})["accept-encoding"] == "identity"


@pytest.mark.parametrize("value", ["a\nb", "a\r\nx: y", "", " a", "é", "\x00"])
def test_a_header_that_cannot_be_sent_is_named_and_not_shown(value: str) -> None:
    with pytest.raises(ValueError, match="'x-team'") as caught:
        request_headers({"X-Team": value})
    assert repr(value) not in str(caught.value)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nx: y", " a", "\xe9", "\x00"])
def test_what_http_does_not_allow_is_not_sendable(value: str) -> None:
    assert not is_sendable("x-team", value)
    assert is_sendable("X-Team", "a b")
    assert is_sendable("x-team", "")
    assert not is_sendable("x:team", "a")


@pytest.mark.parametrize("name", ["a b", "", "a:", "é"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        request_headers({name: "x"})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"Incorrect API key provided: {KEY}.", "Incorrect API key provided: ***."),
        (f"key {KEY[:9]}...{KEY[-9:]}", "key ***...***"),
        (f"Bearer {KEY} is bad", "*** is bad"),
        ("Authorization: Bearer other-key, sorry", "Authorization: ***, sorry"),
        ("Incorrect API key: sk-proj-abc123def456", "Incorrect API key: ***"),
        ("Incorrect API key: ab***yz. Go", "Incorrect API key: ***. Go"),
        ("key AIzaSyA0123456789. Go", "key ***. Go"),
        ("key AIzaSyA0123456789.a***yz. Go", "key ***. Go"),
        ("key (ab.cd***), x.***", "key (***), ***"),
        ("team-secret-value!", "***!"),
        ("the model gpt-5.6 has 2 tools, **bold**", "the model gpt-5.6 has 2 tools, **bold**"),
    ],
)
def test_credentials_are_taken_out_of_what_a_provider_says(said: str, shown: str) -> None:
    assert scrub(said, (KEY, "team-secret-value")) == shown


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(0, len(KEY) - 8), st.integers(8, len(KEY)))
def test_no_fragment_of_a_key_gets_through(before: str, after: str, start: int, size: int) -> None:
    fragment = KEY[start : start + size]
    assert fragment not in scrub(before + fragment + after, [KEY])


def test_what_no_message_needs_is_cut_and_no_part_of_a_key_stays_at_the_cut() -> None:
    said = scrub("a " * 4092 + KEY * 50_000, [KEY])
    assert said == "a " * 4092 + "***"


def test_a_text_of_many_fragments_is_scrubbed_in_bounded_time() -> None:
    assert scrub(KEY * 80, [KEY]) == "***"


def test_a_placeholder_is_no_secret() -> None:
    assert scrub("The model does not exist", ["model", "x"]) == "The model does not exist"
