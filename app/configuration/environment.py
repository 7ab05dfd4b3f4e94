"""`${NAME}` in the strings of a configuration: the environment's value, which is then nobody's to print.

Only values are looked at, never keys; what the environment holds is not searched for references again.
`$${` is a `${` that is meant as such.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.configuration.problems import Problem, joined

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}?")
"""`$${`, or `${` with what follows up to its brace; one that lacks it is matched too, to be refused."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
"""POSIX 1003.1, section 8.1, with the small letters that are common in practice."""


class Environment:
    """Fills in references and remembers where; `problems` are those it could not fill."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.paths: set[str] = set()
        """Where a value came, at least in part, from the environment."""
        self._variables = variables

    def fill(self, value: Any, path: str = "") -> Any:  # noqa: ANN401 (whatever the file holds)
        """Return the value with every reference replaced by what it names."""
        if isinstance(value, str):
            return self._filled(value, path)
        if isinstance(value, dict):
            return {key: self.fill(item, joined(path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, joined(path, i)) for i, item in enumerate(value)]
        return value

    def _filled(self, text: str, path: str) -> str:
        return _REFERENCE.sub(lambda match: self._value_of(match, path), text) if "${" in text else text

    def _value_of(self, match: re.Match[str], path: str) -> str:
        if match[0] == "$${":
            return "${"
        name = match[1]
        if not match[0].endswith("}") or not _NAME.match(name):
            self.problems.append(Problem(path, "a reference is written ${NAME}; $${ is a literal ${"))
        elif name not in self._variables:
            self.problems.append(Problem(path, f"the environment variable {name} is not set"))
        else:
            self.paths.add(path)
            return self._variables[name]
        return ""
