import pytest

from app.configuration.host_patterns import Place, unusable_host


@pytest.mark.parametrize(
    ("entry", "scheme", "host", "port"),
    [
        ("example.com", "https", "example.com", None),
        ("Example.com.", "http", "example.com", 80),
        ("vllm:8000", "http", "vllm", 8000),
        ("vllm:443", "https", "vllm", None),
        ("*.example.com", "https", "a.b.example.com", None),
        ("[::1]:8000", "http", "::1", 8000),
        ("[0:0::1]", "http", "::1", None),
        ("10.0.0.7:8000", "http", "10.0.0.7", 8000),
        ("*", "https", "anybody.org", None),
        ("*:8443", "https", "anybody.org", 8443),
    ],
)
def test_a_host_is_held(entry: str, scheme: str, host: str, port: int | None) -> None:
    assert Place.of(entry).holds(scheme, host, port)


@pytest.mark.parametrize(
    ("entry", "scheme", "host", "port"),
    [
        ("example.com", "https", "evil-example.com", None),
        ("example.com", "https", "example.com.evil.org", None),
        ("example.com", "https", "sub.example.com", None),
        ("example.com", "https", "example.com", 8443),
        ("example.com", "http", "example.com", 443),
        ("*.example.com", "https", "example.com", None),
        ("*.example.com", "https", "evilexample.com", None),
        ("vllm:8000", "http", "vllm", None),
        ("*", "http", "anybody.org", 22),
        ("127.0.0.1", "http", "2130706433", None),
    ],
)
def test_what_only_looks_alike_is_not(entry: str, scheme: str, host: str, port: int | None) -> None:
    assert not Place.of(entry).holds(scheme, host, port)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "http://example.com",
        "a b",
        "*.*.com",
        "a.*.com",
        "**",
        "[::1",
        "[no]",
        "a:0",
        "a:99999",
        "a:b",
        "::1",
    ],
)
def test_what_names_no_host_is_refused_with_a_reason(entry: str) -> None:
    assert unusable_host(entry)
    assert unusable_host("example.com") is None
