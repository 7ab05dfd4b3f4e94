"""Qwen3Guard-Gen (0.6B, 4B, 8B): safe, controversial or unsafe, the categories, and whether it was refused.

    Safety: Unsafe
    Categories: Violent, Jailbreak
    Refusal: No

The third line stands under answers only. Its template takes a user's turn, or a user's and an assistant's
(Qwen, model card of Qwen3Guard-Gen-8B, 2025-09). Qwen3Guard-Stream judges tokens and is none of these.
"""

import re
from collections.abc import Sequence

from guardrails.remote.chat_guard.family import UNSAFE, Hazard, Question, messages, score
from guardrails.remote.completion import Said
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

CATEGORIES = {
    "Violent": "violence",
    "Non-violent Illegal Acts": "non_violent_crimes",
    "Sexual Content or Sexual Acts": "sexual_content",
    "PII": "privacy",
    "Personally Identifiable Information": "privacy",
    "Suicide & Self-Harm": "self_harm",
    "Unethical Acts": "unethical_acts",
    "Politically Sensitive Topics": "political_topics",
    "Copyright Violation": "intellectual_property",
    "Jailbreak": "jailbreak",
}
"""By the words of the model: those of Llama Guard where they mean the same."""

_FORM = re.compile(r"\s*Safety:\s*(?P<label>Safe|Unsafe|Controversial)[ \t]*(?=\n|\Z)")
_LINE = re.compile(r"(?P<name>Categories|Refusal):\s*(?P<value>.*)")
_NONE = "None"
_MAX_TOKENS = 64
"""Three lines with three categories are 40."""


class Qwen3Guard:
    """Asks once, about everything.

    Args:
        controversial: whether what is harmful only in some places is harmful.
    """

    rules = tuple(dict.fromkeys(CATEGORIES.values()))
    standard = rules

    def __init__(self, *, controversial: bool = True) -> None:
        self._bad = ("unsafe", "controversial") if controversial else ("unsafe",)
        self._good = ("safe",) if controversial else ("safe", "controversial")

    def questions(
        self,
        turns: Sequence[Turn],
        rules: Sequence[str],  # noqa: ARG002 (its template names them all)
    ) -> Sequence[Question]:
        """Return the one question."""
        return (Question(messages(turns), _MAX_TOKENS),)

    def read(
        self,
        question: Question,  # noqa: ARG002 (there is one)
        answer: Said,
        *,
        scored: bool,
    ) -> Sequence[Hazard]:
        """Return a hazard for each category; `unsafe` where there is none, or one that nobody knows."""
        found = _FORM.match(answer.text)
        if found is None:
            raise UnsoundAnswer("Qwen3Guard's first line is its label; is this model one?")
        label = found["label"].lower()
        names = _categories(answer.text[found.end() :], strict=label == "safe")
        if label == "safe" and names:
            raise UnsoundAnswer("Qwen3Guard names a category of what it holds to be safe")
        sure = score(answer, _FORM, self._bad, self._good) if scored else float(label in self._bad)
        return [Hazard(CATEGORIES.get(name, UNSAFE), sure) for name in names or [UNSAFE]] if sure else []


def _categories(rest: str, *, strict: bool) -> list[str]:
    """Return the categories named; where strict, nothing but the lines that belong there may stand there."""
    names: list[str] = []
    for line in rest.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is None:
            if strict and line.strip():
                raise UnsoundAnswer("Qwen3Guard says more than its three lines")
        elif found["name"] == "Categories":
            names += [name for name in (part.strip() for part in found["value"].split(",")) if name]
    return [name for name in dict.fromkeys(names) if name != _NONE]
