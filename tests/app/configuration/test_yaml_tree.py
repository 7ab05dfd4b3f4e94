import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.configuration.problems import InvalidConfiguration
from app.configuration.yaml_tree import parse


def problem_of(text: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        parse(text)
    return str(caught.value)


def test_scalars_mean_what_yaml_1_2_says() -> None:
    text = (
        "on: [off, yes, 12:30, 1_000, 2026-11-22, '1', true, False, ~, null, "
        "7, -7, 010, 0o10, 0x1F, 1.5, 1e3, .5]"
    )
    assert parse(text).values == {
        "on": [
            *["off", "yes", "12:30", "1_000", "2026-11-22", "1"],
            *[True, False, None, None, 7, -7, 10, 8, 31, 1.5, 1000.0, 0.5],
        ]
    }


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert parse("").values == parse("# nothing\n").values == parse("---\n").values == {}


def test_every_value_has_its_line() -> None:
    tree = parse("a:\n  b: 1\n  c:\n  - x\n  - {d: 2}\n")
    assert {path: tree.line_of(path) for path in ("a", "a.b", "a.c", "a.c[1]", "a.c[1].d")} == {
        "a": 1,
        "a.b": 2,
        "a.c": 3,
        "a.c[1]": 5,
        "a.c[1].d": 5,
    }


def test_what_has_no_line_has_that_of_what_is_around_it() -> None:
    tree = parse("a:\n  b: [1]\n")
    assert tree.line_of("a.b[7].c") == 2
    assert tree.line_of("a.missing") == 1
    assert tree.line_of("missing") == 1
    assert parse("").line_of("missing") is None


def test_an_alias_is_the_value_it_names() -> None:
    assert parse("a: &x {k: 1}\nb: *x\n").values == {"a": {"k": 1}, "b": {"k": 1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "3: a: stands twice; first in line 1"),
        ("a:\n  b: 1\n  b: 2\n", "3: a.b: stands twice; first in line 2"),
        ("a: [\n", "no YAML"),
        ("a: b: c\n", "1: no YAML: mapping values are not allowed"),
        ("a: {key: ${NAME}}\n", 'put "${...}" in quotes'),
        ("- 1\n", "expected a mapping"),
        ("text\n", "expected a mapping"),
        ("? [a]\n: 1\n", "a key must be a string"),
        ("~: 1\n", "a key must be a string"),
        ("a: 1\n---\nb: 2\n", "no YAML"),
        ("a: !!python/object/apply:os.system [x]\n", "has no meaning here"),
        ("a: !!python/name:os.system x\n", "has no meaning here"),
        ("a: !!int x\n", "a: is no int"),
        ("a: \x00\n", "no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    assert said in problem_of(text)


def test_all_doubled_keys_are_said_at_once() -> None:
    assert len(problem_of("a: 1\na: 2\nb: {c: 1, c: 2}\n").splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "a: " + "[" * 100_000,
        "\n".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9) if i else 1}]" for i in range(9)),
    ],
    ids=["itself", "deep", "bomb"],
)
def test_a_text_that_grows_without_bound_is_refused_in_time(text: str) -> None:
    started_s = time.monotonic()
    assert "is an alias nested in itself?" in problem_of(text)
    assert time.monotonic() - started_s < 5


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_mapping_or_a_problem(text: str) -> None:
    try:
        assert isinstance(parse(text).values, dict)
    except InvalidConfiguration as error:
        assert error.problems  # noqa: PT017 (either is fine)
