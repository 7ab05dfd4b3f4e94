"""What stands for a credential is told from one."""

import pytest

from guardrails.checks.secrets.examples import counts_up, is_stand_in, is_stand_in_token


@pytest.mark.parametrize(
    "value",
    ["${TOKEN}", "{{ vault.key }}", "<your-key>", "xxxx-1234", "YOUR_API_KEY", "os.environ['A']", "***"],
)
def test_a_stand_in_is_told(value: str) -> None:
    assert is_stand_in(value)


@pytest.mark.parametrize(
    "token",
    ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "sk-YOUR_KEY_HERE_123456789", "hf_" + "X" * 34, "sk-..."],
)
def test_a_token_of_documentation_is_told(token: str) -> None:
    assert is_stand_in_token(token)


@pytest.mark.parametrize(
    "token", ["AKIAIOSFODNN7SECRETS", "sk_live_AAAAAAAAAAAAAAAAAAAAAAAA", "ghp_aYouRbXxx9"]
)
def test_a_token_that_might_be_one_is_none(token: str) -> None:
    assert not is_stand_in_token(token)


@pytest.mark.parametrize(
    ("value", "is_typed"), [("k9aBcDeFgH1", True), ("x12345678", True), ("abcdefg1", False)]
)
def test_what_is_typed_along_the_alphabet_counts_up(value: str, is_typed: bool) -> None:
    assert counts_up(value) is is_typed
