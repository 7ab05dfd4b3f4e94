"""What is written instead of a match."""

import pytest

from guardrails.checks.patterns import compiled
from guardrails.checks.replacement import Replacement
from guardrails.decoding import ConfigError

PATTERN = compiled(r"(?P<user>\pL+)@(\pL+)(\.x)?")


def _written(text: str) -> str:
    found = PATTERN.search("é: jané@example!")
    assert found is not None
    return Replacement(text, PATTERN, "p").of("é: jané@example!", found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("[MAIL]", "[MAIL]"),
        ("$1", "jané"),
        ("*@$2$3.", "*@example."),
        ("<$<user>>", "<jané>"),
        ("$&$0", "jané@examplejané@example"),
        ("$$1 $ $x", "$1 $ $x"),
    ],
)
def test_references_stand_for_what_was_matched(text: str, expected: str) -> None:
    assert _written(text) == expected


@pytest.mark.parametrize("text", ["$4", "$99", "$<nobody>"])
def test_a_group_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="has no group"):
        Replacement(text, PATTERN, "p")
