"""Code in texts, by language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import Match, Run
from guardrails.conformance.law import assert_conforms
from guardrails.conformance.pace import assert_quick
from guardrails.decoding import ConfigError
from tests.guardrails.checks.finding import built, found


def _rules(config: dict[str, object], text: str) -> list[str]:
    return [rule for rule, _ in found(built("code", config), text)]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Sure:\n```python\nx = 1\n```\nDone.", ["python"]),
        ("```c++\nx\n```\n```yaml\na: 1\n```\n```bash\nls\n```", ["cpp", "yaml", "shell"]),
        ("```\nSELECT a FROM b\n```", ["sql"]),
        ("```text\nSELECT a FROM b\n```", ["sql"]),
        ("```text\nplain words\n```", []),
        ("```\nwho knows\n```", ["unknown"]),
        ("```klingon\nqapla\n```", ["unknown"]),
        ("```klingon\ndef f(x):\n```", ["python"]),
        ("words\ndef f(x):\n    pass\nwords", ["python"]),
        ("no code here, `inline` or not", []),
    ],
)
def test_code_is_found_with_its_language(text: str, rules: list[str]) -> None:
    assert _rules({}, text) == rules


def test_a_block_is_covered_whole() -> None:
    text = "é\n```python\nx = 1\n```\nDone."
    assert built("code").find(Run(text)) == [Match("python", 2, 21)]


def test_languages_may_be_denied_or_allowed_by_any_name() -> None:
    text = "```py\n1\n```\n```c++\n2\n```\n```\n3\n```\nSELECT a FROM b"
    assert _rules({"deny": ["C++", "sql"]}, text) == ["cpp", "sql"]
    assert _rules({"allow": ["python", "unknown"]}, text) == ["cpp", "sql"]
    assert _rules({"deny": ["unknown"]}, text) == ["unknown"]


def test_lines_outside_of_fences_may_be_left_aside() -> None:
    assert _rules({"unfenced": False}, "SELECT a FROM b\n```sql\nx\n```") == ["sql"]


@pytest.mark.parametrize(
    ("unfenced", "text", "is_open"),
    [
        (True, "words ", True),
        (True, "words\n", False),
        (True, "```py\nx\n", True),
        (True, "```py\nx\n```\n", False),
        (False, "words ", False),
        (False, "```py\n", True),
        (False, "```py\nx\n```\nwords ", False),
    ],
)
def test_fences_and_lines_that_go_on_are_open(unfenced: bool, text: str, is_open: bool) -> None:
    assert built("code", {"unfenced": unfenced}).is_open(text, 0) is is_open


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"deny": ["python", "klingon"]}, ".deny[1]", "cpp"),
        ({"allow": ["text"]}, ".allow[0]", "cpp"),
        ({"deny": ["c"], "allow": ["go"]}, ".allow", "give deny or allow"),
    ],
)
def test_a_mistake_is_named_with_its_place(config: dict[str, object], path: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        built("code", config)
    assert raised.value.path == f"guardrails.any.checks[0].code{path}"


PIECES = st.sampled_from(
    [
        *(
            "```",
            "````",
            "~~~",
            "```py",
            "```sql\n",
            "\n",
            "\n",
            " ",
            "x = 1",
            "def f(x):",
            "SELECT a FROM b",
        ),
        *("words", "```\n", "\n```\n", "`", "~", "中", "> ", "  ", "\r\n", "{", "const a = 1;", "text"),
    ]
)


@pytest.mark.parametrize("unfenced", [True, False])
def test_code_keeps_the_law(unfenced: bool) -> None:
    check = built("code", {"unfenced": unfenced})

    @settings(max_examples=300, deadline=None)
    @given(text=st.lists(PIECES, max_size=16).map("".join))
    def keeps_the_law(text: str) -> None:
        assert_conforms(check, text)

    keeps_the_law()


def test_no_text_makes_it_slow() -> None:
    units = [
        "```\n",
        "```",
        "``` ",
        "`",
        "~",
        "\n",
        "```py\nx\n```\n",
        "```py\n",
        "````\n```\n",
        "def f(x):\n",
        "a",
    ]
    units += [
        "\n ",
        "> ",
        "> \n",
        "SELECT a FROM ",
        "<div ",
        "$ ",
        "public ",
        "{",
        "[",
        "const a = {",
        "(",
        "a, ",
    ]
    assert_quick(built("code"), *units)
