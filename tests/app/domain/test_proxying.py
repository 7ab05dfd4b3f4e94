from typing import Any

import msgspec
import pytest

from app.domain.proxying import ProxyGrant, is_clean


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/v1/files", "/v1/files", True),
        ("/v1/files", "/v1/files/file-1", False),
        ("/v1/files", "/v1/filesystem", False),
        ("/v1/files/*", "/v1/files/file-1", True),
        ("/v1/files/*", "/v1/files", False),
        ("/v1/files/*", "/v1/files/file-1/content", False),
        ("/v1/files/*/content", "/v1/files/file-1/content", True),
        ("/v1/files/**", "/v1/files", True),
        ("/v1/files/**", "/v1/files/file-1/content", True),
        ("/v1/files/**", "/v1/filesystem", False),
        ("/v1/files/**", "/v1/files/../chat", False),
        ("/v1/**", "/v1/anything/at/all", True),
        ("/v1/a.b", "/v1/axb", False),
    ],
)
def test_a_pattern_is_literal_but_for_its_stars(pattern: str, path: str, allowed: bool) -> None:
    assert ProxyGrant(paths=(pattern,)).allows(path) is allowed


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/files/",
        "/v1//files",
        "/v1/../admin",
        "/v1/files/..",
        "/v1/./files",
        "/v1/%2e%2e/admin",
        "/v1/a\\b",
        "/v1/a b",
        "/v1/a\n",
        "/v1/a?b",
        "/v1/a#b",
        "/v1/a;b",
        "/v1/ä",
        "/v2/files",
        "//evil.example/v1/files",
        "http://evil.example/v1/files",
        "/v1/http://evil.example",
    ],
)
def test_a_path_that_could_be_read_in_two_ways_is_none(path: str) -> None:
    assert not is_clean(path)
    assert not ProxyGrant(paths=("/v1/**",)).allows(path)


@pytest.mark.parametrize("path", ["/v1/files/file-1", "/v1/...", "/v1/.well-known", "/v1/a:b@c"])
def test_a_plain_path_is_clean(path: str) -> None:
    assert is_clean(path)


@pytest.mark.parametrize("path", ["files", "/v2/files", "/v1/../x", "/v1/**/x", "/v1/a*", "/v1", "/v1/"])
def test_a_pattern_that_is_none_is_a_mistake(path: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"paths": [path]}, ProxyGrant)


def test_what_is_granted_must_be_said() -> None:
    wrong: tuple[dict[str, Any], ...] = ({"paths": []}, {}, {"paths": ["/v1/files"], "path": 1})
    for said in wrong:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(said, ProxyGrant)
