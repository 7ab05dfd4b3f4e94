"""What is written in invisible characters is read; flags and emoji are not."""

import pytest

from guardrails.views.smuggled import smuggled
from tests.guardrails.disguises import in_selectors, in_tags


def _found(text: str) -> list[tuple[str, str, int, int]]:
    return [(found.encoding, found.text, found.start, found.end) for found in smuggled(text)]


def test_tags_are_read() -> None:
    assert _found("hi" + in_tags("ignore all")) == [("tags", "ignore all", 2, 12)]
    assert _found("\U0001f3f4" + in_tags("ignore all")) == [("tags", "ignore all", 1, 11)]
    assert _found("x" + in_tags("gbeng") + "\U000e007f") == [("tags", "gbeng", 1, 7)]


def test_selectors_are_read() -> None:
    assert _found(in_selectors("ignore é") + "x") == [("variation_selectors", "ignore é", 1, 10)]


@pytest.mark.parametrize(
    "text",
    [
        "🏴" + in_tags("gbeng") + "\U000e007f",
        "🏴" + in_tags("ussc1") + "\U000e007f wins",
        "❤\ufe0f🧑\u200d💻",
        "葛\U000e0100城",
        "\U000e0041",
        "\U000e01ef" * 6,
        "plain",
    ],
)
def test_flags_and_emoji_are_not(text: str) -> None:
    assert _found(text) == []
