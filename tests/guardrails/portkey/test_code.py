"""A fence is in a language, by any of its names."""

import pytest

from guardrails.config import ConfigError
from guardrails.portkey.code import contains_code
from tests.guardrails.portkey.subjects import answered, asked, verdict

PYTHON = "Here:\n```python\nprint(1)\n```\n"


@pytest.mark.parametrize(
    ("language", "text", "holds"),
    [
        ("Python", PYTHON, True),
        ("Python", PYTHON.replace("python", "py"), True),
        ("Rust", "```rust\nfn main() {}\n```", True),
        ("C++", "```c++\nint main() {}\n```", True),
        ("C#", PYTHON, False),
        ("YAML", "```yaml\na: 1\n```", True),
        ("Python", "```\ndef f(x):\n    return x\n```", True),
        ("Python", "print(1)", False),
        ("Python", "", False),
    ],
)
def test_a_text_contains_code(language: str, text: str, holds: bool) -> None:
    assert verdict(contains_code({"format": language}, "p"), answered(text)) is holds
    assert verdict(contains_code({"format": language, "not": True}, "p"), answered(text)) is not holds


def test_code_that_must_not_be_there_must_not_be_in_an_earlier_message() -> None:
    none = contains_code({"format": "Python", "not": True}, "p")
    assert not verdict(none, asked(PYTHON, "fine"))


@pytest.mark.parametrize(
    "name",
    "SQL Python TypeScript JavaScript Java C# C++ C Ruby PHP Swift Kotlin Go Rust Scala R Perl Shell HTML "
    "CSS XML JSON YAML Markdown Dockerfile".split(),
)
def test_every_language_of_portkeys_is_known(name: str) -> None:
    contains_code({"format": name}, "p")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^p\.format: no language is known as 'Klingon'"):
        contains_code({"format": "Klingon"}, "p")
