from typing import Any

import pytest

from app.api.wish_headers import wish_of
from app.domain.errors import InvalidRequest
from app.routing.wish import NO_WISH, Wish


def scope_with(**headers: str) -> Any:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


def asked(**headers: str) -> Wish:
    return wish_of(scope_with(**{f"x_portkey_{name}": value for name, value in headers.items()}))


def test_nothing_is_wished_for_without_a_word() -> None:
    assert wish_of(scope_with(content_type="application/json", authorization="Bearer x")) is NO_WISH
    assert asked(api_key="", config="", provider=" ") == NO_WISH


def test_a_config_and_a_provider_are_taken_as_they_come() -> None:
    assert asked(config='{"a": 1}', provider="@claude") == Wish('{"a": 1}', "@claude")


def test_a_virtual_key_is_the_name_of_a_configured_provider() -> None:
    assert asked(virtual_key="prod", provider="openai") == Wish(provider="@prod")
    assert asked(virtual_key="@prod") == Wish(provider="@prod")


def test_all_that_portkeys_sdk_can_ask_for_is_read() -> None:
    assert asked(
        request_timeout="1500",
        forward_headers="X-Foo, x_bar,x-foo,",
        custom_host="http://h/v1",
        default_input_guardrails="[1]",
        default_output_guardrails="[2]",
    ) == Wish(
        timeout_s=1.5,
        forward_headers=("x-foo", "x_bar"),
        custom_host="http://h/v1",
        input_guardrails="[1]",
        output_guardrails="[2]",
    )


def test_the_first_of_two_headers_counts() -> None:
    scope = {"headers": [(b"x-portkey-provider", b"a"), (b"x-portkey-provider", b"b")]}
    assert wish_of(scope).provider == "a"  # type: ignore[arg-type]  # all that is read of a scope


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("config", "{" * 70_000),
        ("provider", "p" * 3_000),
        ("request-timeout", "soon"),
        ("request-timeout", "0"),
        ("request-timeout", "1.5"),
        ("request-timeout", "-1"),
        ("request-timeout", "999999999"),
        ("request-timeout", "9" * 5_000),
        ("forward-headers", "authorization"),
        ("forward-headers", "x-portkey-forward-headers"),
        ("forward-headers", "x-portkey-api-key"),
        ("forward-headers", "host"),
        ("forward-headers", "a b"),
        ("forward-headers", ",".join(f"x-{number}" for number in range(40))),
        ("custom-host", "h" * 3_000),
        ("default-input-guardrails", "[" * 70_000),
        ("default-output-guardrails", "[" * 70_000),
    ],
)
def test_what_cannot_be_read_is_named(header: str, value: str) -> None:
    name = f"x-portkey-{header}"
    with pytest.raises(InvalidRequest) as caught:
        wish_of(scope_with(**{name: value}))
    assert caught.value.param == name
    assert len(caught.value.message) < 300
