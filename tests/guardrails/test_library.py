"""The library is of use on its own, as its docstring says."""

import ast
import inspect
import re
import textwrap
from collections.abc import AsyncIterator

import pytest

import guardrails
from guardrails import Decision, Side, Verdict


async def test_the_example_works_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    async def answer(question: str) -> AsyncIterator[str]:
        asked.append(question)
        jane = re.findall(r"\[EMAIL_\w+\]", question)[0]
        for fragment in ("Write to jo", "hn.doe@exam", f"ple.com, {jane[:4]}", f"{jane[4:]}."):
            yield fragment

    example = textwrap.dedent("\n".join(line for line in _lines() if line.startswith("    ")))
    names: dict[str, object] = {name: getattr(guardrails, name) for name in guardrails.__all__}
    names |= {"fingerprint_key": b"key", "question": "I am jane@example.com.", "answer": answer}
    code = compile(example, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    await running
    assert re.fullmatch(r"I am \[EMAIL_\w{6}\]\.", asked[0])
    assert capsys.readouterr().out == "Write to [EMAIL], jane@example.com.\n"
    verdicts = names["verdicts"]
    assert isinstance(verdicts, tuple)
    said = [(v.side, v.decision) for v in verdicts if isinstance(v, Verdict)]
    assert said == [(Side.INPUT, Decision.REDACT), (Side.OUTPUT, Decision.REDACT)]


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    assert guardrails.__all__ == sorted(guardrails.__all__, key=lambda name: (name.islower(), name))
    for name in guardrails.__all__:
        assert inspect.getdoc(getattr(guardrails, name))


def _lines() -> list[str]:
    assert guardrails.__doc__ is not None
    return guardrails.__doc__.splitlines()
