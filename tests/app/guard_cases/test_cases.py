"""Cases are read with their lines, and a mistake is named with its own."""

from pathlib import Path

import pytest

from app.configuration.problems import InvalidConfiguration
from app.guard_cases.cases import Case, read_cases
from guardrails import Side


def written(folder: Path, text: str, name: str = "cases.yaml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


TWO = """\
cases:
  - text: a

  - {text: b, on: output, expect: [pii.card]}
"""


def test_cases_are_read_with_their_lines(tmp_path: Path) -> None:
    read = read_cases(written(tmp_path, TWO))
    assert read.cases == (Case(text="a"), Case(text="b", on="output", expect=("pii.card",)))
    assert read.lines == (2, 4)
    assert read.cases[1].side is Side.OUTPUT


def test_json_lines_are_cases_too(tmp_path: Path) -> None:
    read = read_cases(written(tmp_path, '{"text": "a"}\n\n{"text": "b", "expect": ["pii"]}\n', "cases.jsonl"))
    assert [case.text for case in read.cases] == ["a", "b"]
    assert read.lines == (1, 3)


def test_who_expects_a_rule_expects_its_check() -> None:
    assert Case(text="a", expect=("pii.card",)).labels == {"pii", "pii.card"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases: []\n", ":1: must be one list, `cases`"),
        ("cases:\n  - {}\n", ":2: cases[0]: give either text or messages"),
        ("cases:\n  - {text: a, messages: []}\n", "cases[0]: give either text or messages"),
        ("cases:\n  - {messages: [], on: output}\n", "cases[0]: messages are a request"),
        (
            "cases:\n  - text: a\n  - {text: a, expects: [pii]}\n",
            ":3: cases[1].expects: is no setting; did you mean expect?",
        ),
        ("cases:\n  - {text: a, expect: [a b]}\n", ":2: cases[0]: 'a b' is neither a check nor check.rule"),
        ("cases:\n  - {text: a, expect: [pi.card]}\n", ":2: cases[0]: there is no check pi; there are: "),
        ("case: []\n", "must be one list, `cases`"),
        ("cases: [\n", "no YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        read_cases(written(tmp_path, text))
    assert said in str(raised.value)


def test_a_broken_line_of_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"cases\.jsonl:2: no JSON"):
        read_cases(written(tmp_path, '{"text": "a"}\n{"text": \n', "cases.jsonl"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        read_cases(str(tmp_path / "none.yaml"))
