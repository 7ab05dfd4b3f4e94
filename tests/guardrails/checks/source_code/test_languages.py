"""What languages are called."""

import pytest

from guardrails.checks.source_code.languages import LANGUAGES, PLAIN, language


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c++", "cpp"),
        ("C++", "cpp"),
        ("c#", "csharp"),
        ("yaml", "yaml"),
        ("yml", "yaml"),
        ("bash", "shell"),
        ("Rust", "rust"),
        ("rb", "ruby"),
        ("golang", "go"),
        ("c", "c"),
        ("txt", PLAIN),
        ("klingon", None),
        ("", None),
    ],
)
def test_a_language_goes_by_many_names(name: str, expected: str | None) -> None:
    assert language(name) == expected


def test_every_language_goes_by_its_own_name() -> None:
    assert [language(name) for name in LANGUAGES] == list(LANGUAGES)
    assert PLAIN not in LANGUAGES
