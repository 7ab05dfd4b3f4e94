"""YAML text to plain values, with the line of each.

PyYAML's own loader is not used, for three reasons. It follows YAML 1.1, where the key `on` of a guardrail
is the boolean true and `12:30` a number; here scalars mean what YAML 1.2's core schema says
(yaml.org/spec/1.2.2, section 10.3.2). It lets the last of two equal keys win, so that a guardrail pasted
twice would silently lose its first half. And it forgets where things stood.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import yaml

from app.configuration.problems import InvalidConfiguration, Problem, joined

_MAX_NODES = 100_000
"""Values in a file, each use of an alias counted anew: a few lines of nested aliases could fill any
memory."""
_MAX_DEPTH = 64
_TOO_LARGE = f"more than {_MAX_NODES} values or {_MAX_DEPTH} levels; is an alias nested in itself?"
_CORE = "tag:yaml.org,2002:"


class Tree(msgspec.Struct, frozen=True):
    """A file's content."""

    values: dict[str, Any]
    lines: dict[str, int]
    """Line, from 1, by path."""

    def line_of(self, path: str) -> int | None:
        """Return the line of a path, or of the nearest thing around it that has one."""
        while path not in self.lines:
            if not path:
                return None
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines[path]


class _CoreLoader(yaml.CSafeLoader):
    """Composes nodes whose tags follow the core schema."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 (PyYAML's way to set them)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
):
    _CoreLoader.add_implicit_resolver(_CORE + _tag, re.compile(rf"(?:{_pattern})\Z"), _first)


def parse(text: str) -> Tree:
    """Read a YAML document whose top level is a mapping; an empty one is an empty mapping.

    Raises:
        InvalidConfiguration: the text is no YAML (the place is named), or it has a key twice or one that is
            no string, a tag, or more values than a configuration can need.
    """
    try:
        _refuse_depth(text)
        node = yaml.compose(text, Loader=_CoreLoader)
    except yaml.YAMLError as error:
        raise InvalidConfiguration([_syntax_problem(text, error)]) from None
    builder = _Builder()
    values = {} if node is None else builder.value(node, "", 0)
    if values is None:
        values = {}
    if not isinstance(values, dict) and not builder.problems:
        builder.problems.append(Problem("", "expected a mapping of sections such as `providers:`", 1))
    if builder.problems:
        raise InvalidConfiguration(builder.problems)
    return Tree(values, builder.lines)


def _refuse_depth(text: str) -> None:
    """Raise if the text nests too deep to be composed: libyaml's composer is recursive and would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise InvalidConfiguration([Problem("", _TOO_LARGE, _line(event))])


class _Builder:
    """Turns nodes into values."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._count = 0

    def value(self, node: yaml.Node, path: str, depth: int) -> Any:  # noqa: ANN401 (whatever the file holds)
        line = _line(node)
        self.lines.setdefault(path, line)
        self._count += 1
        if self._count > _MAX_NODES or depth > _MAX_DEPTH:
            raise InvalidConfiguration([Problem("", _TOO_LARGE, line)])
        if node.tag.removeprefix(_CORE) not in _KINDS:
            self.problems.append(Problem(path, f"the tag {node.tag} has no meaning here", line))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, joined(path, i), depth + 1) for i, item in enumerate(node.value)]
        return self._scalar(node, path, line)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = _line(key_node)
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key_node.tag == _CORE + "null":
                self.problems.append(Problem(path, "a key must be a string", line))
                continue
            place = joined(path, str(key))
            if key in values:
                self.problems.append(Problem(place, f"stands twice; first in line {self.lines[place]}", line))
                continue
            self.lines[place] = line
            values[str(key)] = self.value(value_node, place, depth + 1)
        return values

    def _scalar(self, node: yaml.Node, path: str, line: int) -> Any:  # noqa: ANN401 (str, int, float, bool, None)
        text = str(node.value)
        kind = node.tag.removeprefix(_CORE)
        try:
            return _SCALARS[kind](text)
        except (KeyError, ValueError):
            self.problems.append(Problem(path, f"is no {kind}", line))
            return None


def _line(place: yaml.Node | yaml.Event) -> int:
    """Return where it begins; PyYAML counts from 0."""
    return place.start_mark.line + 1 if place.start_mark is not None else 1


def _integer(text: str) -> int:
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": float,
}
_KINDS = _SCALARS.keys() | {"map", "seq"}


def _syntax_problem(text: str, error: yaml.YAMLError) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem("", f"no YAML: {' '.join(str(error).split())}")
    number = error.problem_mark.line
    lines = text.splitlines()
    hint = '; put "${...}" in quotes' if number < len(lines) and _bare_reference(lines[number]) else ""
    return Problem("", f"no YAML: {error.problem}{hint}", number + 1)


def _bare_reference(line: str) -> bool:
    return re.search(r"(?<![\"'])\$\{", line) is not None
