"""The table of features in the README, rendered from a run.

`python -m tests.features.table` writes it; `tests/e2e/test_provider_features.py` fails where it is not what
the run gives. Kinds with the same cells share a row.
"""

import asyncio
import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.features.cases import FEATURES, Outcome
from tests.features.run import running
from tests.features.vendors import KINDS

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- features -->", "<!-- /features -->"
_PLACE = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
_FIRST = (
    "openai azure-openai anthropic gemini vertex-ai vertex-anthropic bedrock cohere mistral groq deepseek "
    "xai openrouter together perplexity ollama vllm llama.cpp"
).split()
"""Formats of their own and the best known; the others follow by name."""
_MAX_NAMED = 8
"""Kinds in a row; of more, these many are named there, the rest below the table."""
_WIDTH = 120
_HOW = (
    "Every cell was tried whole and streamed, with the same result: the OpenAI SDK before a running service, "
    "and behind it the vendor as an emulator that enforces its rules and answers in its form "
    "(`tests/e2e/test_provider_features.py`). What a feature needs of a model (eyes, thoughts), the model "
    "must have."
)

Outcomes = Mapping[tuple[str, str], Outcome]
"""By kind and feature."""


def render(outcomes: Outcomes) -> str:
    """Return the table in Markdown."""
    rows = _rows(outcomes)
    notes = _Notes()
    lines = [_line(["provider", *FEATURES]), _line(["---"] * (len(FEATURES) + 1))]
    for cells, kinds in rows.items():
        words = [notes.marked(cell) for cell in cells]
        lines.append(_line([_label(kinds), *words]))
    below = [*_below(rows.values()), *notes.lines(), "", *_wrapped(_HOW)]
    return "\n".join([*lines, "", *below, ""])


def shown() -> str:
    """Return what the README has between the markers."""
    found = _PLACE.search(README.read_text(encoding="utf-8"))
    assert found is not None, f"README.md has no {BEGIN} ... {END}"
    return found[0]


class _Notes:
    """Footnotes, counted as they are needed."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def marked(self, outcome: Outcome) -> str:
        """Return the text of a cell."""
        if not outcome.note:
            return outcome.word
        number = self._numbers.setdefault(outcome.note, len(self._numbers) + 1)
        return f"{outcome.word}&nbsp;<sup>{number}</sup>".replace(" ", "&nbsp;")

    def lines(self) -> Iterator[str]:
        """Yield the footnotes, a paragraph each time."""
        text = "; ".join(f"<sup>{number}</sup> {note}" for note, number in self._numbers.items())
        if text:
            yield from _wrapped(f"{text}.")


def _rows(outcomes: Outcomes) -> dict[tuple[Outcome, ...], list[str]]:
    """Return the kinds by what they have."""
    kinds = dict.fromkeys(kind for kind, _ in outcomes)
    ordered = [kind for kind in _FIRST if kind in kinds] + sorted(kinds.keys() - set(_FIRST))
    rows: dict[tuple[Outcome, ...], list[str]] = {}
    for kind in ordered:
        rows.setdefault(tuple(outcomes[kind, feature] for feature in FEATURES), []).append(kind)
    return rows


def _label(kinds: list[str]) -> str:
    named = ", ".join(kinds[:_MAX_NAMED])
    more = len(kinds) - _MAX_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _below(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield the kinds that are not named in the table."""
    for kinds in rows:
        if len(kinds) > _MAX_NAMED:
            rest = kinds[_MAX_NAMED:]
            yield from _wrapped(f"The {len(rest)} more are {', '.join(rest)}.")
            yield ""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


async def _found() -> str:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as run:
            found = {(kind, name): await run.outcome(kind, name) for kind in KINDS for name in FEATURES}
    return render(found)


def _rewrite() -> None:
    table = asyncio.run(_found())
    text = README.read_text(encoding="utf-8")
    README.write_text(_PLACE.sub(lambda _: table, text), encoding="utf-8")


if __name__ == "__main__":
    _rewrite()
