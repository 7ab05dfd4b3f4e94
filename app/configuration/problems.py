"""What is wrong with a configuration, said so that it can be found and mended."""

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong."""

    path: str
    """As written in the file: `providers.claude.base_url`, `guardrails.privacy.checks[0]`; empty: the
    whole file."""
    message: str
    """What is wrong and the way out; never a value that came from the environment."""
    line: int | None = None
    """From 1; None where the path says it all."""


class InvalidConfiguration(Exception):
    """The configuration cannot be used.

    Args:
        problems: all that was found, at least one.
        source: what it was read from: a file's name.
    """

    def __init__(self, problems: Sequence[Problem], source: str = "") -> None:
        super().__init__(problems, source)
        self.problems = tuple(problems)
        self.source = source

    def __str__(self) -> str:
        return "\n".join(self._line(problem) for problem in self.problems)

    def _line(self, problem: Problem) -> str:
        where = ":".join(str(word) for word in (self.source, problem.line) if word)
        return ": ".join(word for word in (where, problem.path, problem.message) if word)


def joined(path: str, key: str | int) -> str:
    """Return the path of a child: `providers.openai` for a key, `models[0]` for a place."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
