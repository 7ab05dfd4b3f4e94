"""Patterns of names."""

import pytest

from guardrails.names import Names


@pytest.mark.parametrize(
    ("patterns", "name", "is_on_the_list"),
    [
        (["gpt-4*"], "gpt-4", True),
        (["gpt-4*"], "gpt-4o-mini", True),
        (["gpt-4*"], "gpt-3.5", False),
        (["gpt-4*"], "my-gpt-4o", False),
        (["@openai/*"], "@openai/gpt-4o", True),
        (["*-latest", "a.b"], "claude-latest", True),
        (["a.b"], "axb", False),
        (["a.b", "A+"], "a+", True),
        (["GPT-4O"], "gpt-4o", True),
        (["*"], "", True),
        (["a*c"], "a\nb\nc", True),
        (["über*"], "ÜBER-1", True),
        (["[x]"], "x", False),
        (["gpt*"], "gpt-4\ud800", True),
        (["gpt-4"], "gpt-4\ud800", False),
        ([r"a\b"], r"a\b", True),
        ([], "x", False),
        ([], "", False),
    ],
)
def test_a_name_is_on_the_list_or_not(patterns: list[str], name: str, is_on_the_list: bool) -> None:
    assert Names(patterns).match(name) is is_on_the_list


def test_equal_lists_are_equal() -> None:
    assert Names(["a", "b"]) == Names(("a", "b"))
    assert hash(Names(["a"])) == hash(Names(["a"]))
    assert Names(["a"]) != Names(["b"])
    assert Names(["a"]) != ("a",)


def test_many_patterns_and_a_long_name_are_no_burden() -> None:
    names = Names([f"*{i}*x*" for i in range(300)])
    assert not names.match("1" * 100_000)
