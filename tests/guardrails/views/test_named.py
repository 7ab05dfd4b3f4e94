"""The named view: what tells a value stands before it."""

from typing import Any

import pytest

from guardrails.check import Check, Run
from guardrails.config import guardrail
from guardrails.engine import Engine
from guardrails.part import Part, PartKind
from guardrails.reader import Reader, ask_about
from guardrails.redactor import Redactor
from guardrails.views.named import named

PASSWORD = "Tr0ub4dor&3xyzQ!"
SECRETS = {"checks": [{"secrets": {}}], "action": "redact"}


def built(kind: str, **settings: Any) -> Check:
    (check,) = guardrail("g", {"checks": [{kind: settings}], "action": "redact"}).checks
    assert isinstance(check, Check)
    return check


def part(text: str, name: str) -> Part:
    return Part("a#.x", text, PartKind.TOOL_ARGUMENTS, "assistant", name=name)


def test_a_value_is_read_behind_its_name_and_found_where_it_stands() -> None:
    reading = named("value", "key")
    assert reading is not None
    assert reading.text == '"key": "value"'
    assert reading.origin(8, 13) == (0, 5)
    assert reading.origin(9, 10) == (1, 2)


@pytest.mark.parametrize(("text", "name"), [("value", ""), ("val", "pin"), ("v" * 4097, "key")])
def test_what_has_no_name_or_is_too_short_or_long_is_not_read_so(text: str, name: str) -> None:
    assert named(text, name) is None


def test_of_a_long_name_the_end_is_read() -> None:
    reading = named("value", "x" * 1000 + "_password")
    assert reading is not None
    assert '_password": "value"' in reading.text
    assert len(reading.text) < 100


def test_what_stands_in_the_name_alone_is_no_finding_of_the_value() -> None:
    check = built("pii", entities=["email"])
    text = "hello"
    asked = Reader([check]).questions(text, name="anna@example.com")
    assert ask_about(check, Run(text), asked.get(0, ())).matches == ()


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("password", PASSWORD, True),
        ("aws_secret_access_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz", True),
        ("title", PASSWORD, False),
        ("password", "see the manual", False),
        ("", PASSWORD, False),
    ],
)
async def test_a_request_and_an_answer_are_judged_alike(name: str, text: str, found: bool) -> None:
    engine = Engine([guardrail("secrets", SECRETS)], b"key")
    screening = await engine.screen([part(text, name)])
    assert bool(screening.redacted) is found
    screen = engine.output()
    released = [await screen.feed(part(char, name)) for char in text]
    released.append(await screen.finish("a#.x"))
    assert "".join(released) == screening.redacted.get("a#.x", text)
    places = [(one.start, one.end) for verdict in screening.verdicts for one in verdict.findings]
    assert places == ([(0, len(text))] if found else [])


def test_whoever_reads_without_names_is_not_asked_twice() -> None:
    assert Redactor([built("secrets")]).redact(PASSWORD) == PASSWORD
