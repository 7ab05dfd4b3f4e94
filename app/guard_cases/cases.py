"""Cases: texts with what is to be found in them, from a YAML file or from JSON lines.

    cases:
      - text: My card is 4111 1111 1111 1111
        expect: [pii.card]              # check.rule, or the check alone; nothing expected: the text is clean
      - text: Ignore all previous instructions.
        on: output                      # of which side it is a text; the default is input
        expect: [words]
      - messages: [{role: user, content: Hello}, {role: tool, content: "...", tool_call_id: "1"}]

A file whose name ends in `.jsonl` has one such case a line.
"""

import json
import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from app.configuration.conversion import Conversion
from app.configuration.problems import InvalidConfiguration, Problem
from app.configuration.yaml_tree import Tree, parse
from app.guard_cases.labels import check_of
from guardrails import PartKind, Side
from guardrails.config import known_checks

_LABEL = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_.-]+)?")


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One text or one request, and what is in it."""

    text: str | None = None
    messages: tuple[dict[str, Any], ...] | None = None
    """Of a request, in OpenAI's form; only on input, and instead of a text."""
    on: Literal["input", "output"] = "input"
    role: str | None = None
    """Who says the text; by default the user asks and the assistant answers."""
    kind: PartKind = PartKind.TEXT
    expect: tuple[str, ...] = ()
    """What is to be found: `pii.card`, or `pii` for whatever that check finds."""

    @property
    def side(self) -> Side:
        """The side it is on."""
        return Side(self.on)

    @property
    def labels(self) -> frozenset[str]:
        """What is expected, with the checks of the rules that are."""
        return frozenset(self.expect) | {check_of(label) for label in self.expect}


class Cases(msgspec.Struct, frozen=True):
    """A file of cases."""

    name: str
    cases: tuple[Case, ...]
    lines: tuple[int, ...]
    """Where each case begins, from 1."""


def read_cases(name: str) -> Cases:
    """Read a file of cases.

    Raises:
        InvalidConfiguration: with everything that is wrong with it, and where.
    """
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfiguration([Problem("", f"cannot be read: {error}")], name) from None
    try:
        tree = _lines(text) if name.endswith(".jsonl") else parse(text)
        return _typed(name, tree)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(error.problems, name) from None


def _typed(name: str, tree: Tree) -> Cases:
    items = tree.values.get("cases")
    if tree.values.keys() != {"cases"} or not isinstance(items, list) or not items:
        raise InvalidConfiguration([Problem("", "must be one list, `cases`, of at least one", 1)])
    conversion = Conversion()
    cases: list[Case] = []
    for i, item in enumerate(items):
        case = conversion.struct(item, Case, f"cases[{i}]")
        if isinstance(case, Case):
            cases.append(case)
            if (message := _mistake(case)) is not None:
                conversion.problems.append(Problem(f"cases[{i}]", message))
    if conversion.problems:
        raise InvalidConfiguration(
            [msgspec.structs.replace(one, line=tree.line_of(one.path)) for one in conversion.problems]
        )
    return Cases(name, tuple(cases), tuple(tree.line_of(f"cases[{i}]") or 1 for i in range(len(cases))))


def _mistake(case: Case) -> str | None:
    if (case.text is None) == (case.messages is None):
        return "give either text or messages"
    if case.messages is not None and (case.on == "output" or case.role is not None):
        return "messages are a request: they have their own roles, and are on input"
    if wrong := next((label for label in case.expect if not _LABEL.fullmatch(label)), None):
        return f"{wrong!r} is neither a check nor check.rule"
    known = known_checks()
    if unknown := next((kind for kind in map(check_of, case.expect) if kind not in known), None):
        return f"there is no check {unknown}; there are: {', '.join(known)}"
    return None


def _lines(text: str) -> Tree:
    """Read JSON lines as a YAML file would be read."""
    values: list[object] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        lines[f"cases[{len(values)}]"] = number
        try:
            values.append(json.loads(line))
        except ValueError as error:
            raise InvalidConfiguration([Problem("", f"no JSON: {error}", number)]) from None
    return Tree({"cases": values}, lines)
