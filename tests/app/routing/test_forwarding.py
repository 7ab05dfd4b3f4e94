import pytest

from app.routing.forwarding import forwarded, why_not

HEADERS = [
    (b"authorization", b"Bearer hr-secret"),
    (b"x-foo", b" bar "),
    (b"x_odd", b"1"),
    (b"anthropic-beta", b"x"),
]


def test_what_is_named_is_forwarded_in_either_spelling() -> None:
    assert forwarded(("x_foo", "X-Odd"), HEADERS) == (("x-foo", "bar"), ("x_odd", "1"))
    assert forwarded(("anthropic-beta",), HEADERS) == (("anthropic-beta", "x"),)
    assert forwarded((), HEADERS) == forwarded(("x-other",), HEADERS) == ()


@pytest.mark.parametrize("name", ["x-foo", "X_Foo", "anthropic-beta", "openai-organization", "traceparent"])
def test_any_other_header_may_be_forwarded(name: str) -> None:
    assert why_not(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "ä",
        "Authorization",
        "proxy_authorization",
        "Cookie",
        "X-API-Key",
        "x_portkey_api_key",
        "x-portkey-forward-headers",
        "X-Handrail-Guardrails",
        "Host",
        "content_length",
        "Transfer-Encoding",
    ],
)
def test_who_somebody_is_and_what_frames_a_message_is_not(name: str) -> None:
    assert why_not(name) is not None
