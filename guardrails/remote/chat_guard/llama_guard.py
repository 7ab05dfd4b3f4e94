r"""Llama Guard 3 (1B, 8B, 11B Vision) and 4 (12B): `safe`, or `unsafe` and the hazards of MLCommons it sees.

    unsafe
    S1,S10

Its template says who is judged: whoever spoke last. It takes turns of user and assistant only, the user
first (llama.com, "Llama Guard 4: model card and prompt format", 2026-11). The first token is two line feeds
in Llama Guard 3, so the label is looked for.
"""

import re
from collections.abc import Sequence

from guardrails.remote.chat_guard.family import UNSAFE, Hazard, Question, messages, score
from guardrails.remote.completion import Said
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

HAZARDS = {
    "S1": "violent_crimes",
    "S2": "non_violent_crimes",
    "S3": "sex_crimes",
    "S4": "child_exploitation",
    "S5": "defamation",
    "S6": "specialized_advice",
    "S7": "privacy",
    "S8": "intellectual_property",
    "S9": "indiscriminate_weapons",
    "S10": "hate",
    "S11": "self_harm",
    "S12": "sexual_content",
    "S13": "elections",
    "S14": "code_interpreter_abuse",
}
"""MLCommons' taxonomy as the models' cards number it."""

_FORM = re.compile(r"\s*(?P<label>safe|unsafe)(?=\s|\Z)")
_CODE = re.compile(r"\bS\d+\b")
_MAX_TOKENS = 32
"""`unsafe` and every code there is are longer; nothing is lost where the list is cut."""


class LlamaGuard:
    """Asks once, about everything."""

    rules = tuple(HAZARDS.values())
    standard = rules

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
        """Return a hazard for each code; `unsafe` where there is none, or one that nobody knows."""
        found = _FORM.match(answer.text)
        rest = answer.text[found.end() :].strip() if found else ""
        is_unsafe = found is not None and found["label"] == "unsafe"
        if found is None or (rest and not is_unsafe):
            raise UnsoundAnswer("Llama Guard says safe or unsafe; is this model one?")
        sure = score(answer, _FORM, ["unsafe"], ["safe"]) if scored else float(is_unsafe)
        codes = dict.fromkeys(_CODE.findall(rest)) or [UNSAFE]
        return [Hazard(HAZARDS.get(code, UNSAFE), sure) for code in codes] if sure else []
