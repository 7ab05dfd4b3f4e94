"""The `code` check: code in a text, and in which language.

Fenced blocks count first: by their tag, or where they have none, or say `text`, by what is in them. Outside
of fences single lines count that only code has. The rule of a finding is the language, `unknown` where
nothing tells it; a fence that says `text` and has no such lines in it is not code.
"""

from collections.abc import Iterator, Sequence

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.source_code import fences as fenced
from guardrails.checks.source_code.fences import Fence, fences
from guardrails.checks.source_code.languages import LANGUAGES, PLAIN, UNKNOWN, language
from guardrails.checks.source_code.signatures import TRIGGERS, code_lines, language_of
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS


class CodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which languages are found: those of `deny`, or all but those of `allow`, or all.

    They go by any of their names: `cpp` and `c++`, `shell` and `bash`.
    """

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    unfenced: bool = True
    """Whether lines outside of fences count. A stream is then released line by line, else word by word."""


class CodeCheck:
    """Finds code."""

    kind = "code"
    redactable = True
    views = AS_IT_STANDS

    def __init__(self, wanted: frozenset[str], *, unfenced: bool) -> None:
        self._wanted = wanted
        self._unfenced = unfenced
        self.openers = ("[`~]", r"[^\n]\z") if unfenced else ("[`~]",)
        self.triggers = (fenced.TRIGGER, *TRIGGERS) if unfenced else (fenced.TRIGGER,)

    def find(self, run: Run) -> Sequence[Match]:
        """Return each fenced block and each line outside of them, rule by language."""
        matches: list[Match] = []
        behind = 0
        for fence in fences(run.text):
            matches += self._lines(run.text, behind, fence.start)
            behind = fence.end
            name = _language_in(run.text, fence)
            if name in self._wanted:
                matches.append(Match(name, fence.start, fence.end))
        return [*matches, *self._lines(run.text, behind, len(run.text))]

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether a fence is open, or a line that may be code."""
        return (self._unfenced and not text.endswith("\n")) or fenced.in_progress(text)

    def _lines(self, text: str, start: int, end: int) -> Iterator[Match]:
        if self._unfenced and start < end:
            for name, begin, stop in code_lines(text[start:end]):
                if name in self._wanted:
                    yield Match(name, start + begin, start + stop)


def build(config: object, path: str) -> CodeCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the language that is not known.
    """
    decoded = decode(CodeConfig, config, path)
    if decoded.deny and decoded.allow:
        raise ConfigError(f"{path}.allow", "give deny or allow; with deny all else is allowed")
    allowed = frozenset(_known(decoded.allow, f"{path}.allow"))
    denied = frozenset(_known(decoded.deny, f"{path}.deny"))
    return CodeCheck(denied or frozenset({*LANGUAGES, UNKNOWN}) - allowed, unfenced=decoded.unfenced)


def _known(names: Sequence[str], path: str) -> Iterator[str]:
    for index, name in enumerate(names):
        known = UNKNOWN if name == UNKNOWN else language(name)
        if known is None or known == PLAIN:
            raise ConfigError(
                f"{path}[{index}]", f"is no language known here; known are {', '.join((*LANGUAGES, UNKNOWN))}"
            )
        yield known


def _language_in(text: str, fence: Fence) -> str:
    """Return the language of a block: its tag's, or what its lines tell where the tag says little."""
    tagged = language(fence.tag) if fence.tag else ""
    if tagged and tagged != PLAIN:
        return tagged
    told = language_of(text[fence.inside_start : fence.inside_end])
    return told or tagged or UNKNOWN
