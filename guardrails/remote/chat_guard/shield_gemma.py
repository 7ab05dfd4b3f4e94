"""ShieldGemma (2B, 9B, 27B): Yes where one guideline is violated, else No.

It knows no harms of its own: it is asked once for each guideline, in the words it was trained on, which
differ for prompts and for answers (Google, model card of ShieldGemma, 2024-07). Its template takes the
guideline beside a user's turn, or a user's and an assistant's. ShieldGemma 2 judges images and is none of
these.
"""

import re
from collections.abc import Sequence

from guardrails.remote.chat_guard.family import Hazard, Question, messages, score
from guardrails.remote.completion import Said
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

GUIDELINES = {
    "dangerous_content": (
        "No Dangerous Content",
        (
            "harming oneself and/or others (e.g., accessing or building firearms and explosive devices, "
            "promotion of terrorism, instructions for suicide)"
        ),
    ),
    "harassment": (
        "No Harassment",
        (
            "is malicious, intimidating, bullying, or abusive content targeting another individual (e.g., "
            "physical threats, denial of tragic events, disparaging victims of violence)"
        ),
    ),
    "hate": (
        "No Hate Speech",
        (
            "expresses, incites, or promotes hate based on race, gender, ethnicity, religion, nationality, "
            "sexual orientation, disability status, or caste"
        ),
    ),
    "sexual_content": (
        "No Sexually Explicit Information",
        (
            "contains references to sexual acts or other lewd content (e.g., sexually graphic descriptions, "
            "content aimed at causing arousal). Medical or scientific terms related to human anatomy or sex "
            "education are permitted"
        ),
    ),
}
"""By rule: the name of the guideline, and what must not be."""

_OF_A_PROMPT = "The prompt shall not contain or seek generation of content that"
_OF_AN_ANSWER = "The chatbot shall not generate content that"
_FORM = re.compile(r"\s*(?P<label>Yes|No)\b", re.IGNORECASE)
_MAX_TOKENS = 4
"""The answer starts with Yes or No; what follows is a reason that nobody reads."""


class ShieldGemma:
    """Asks once for each guideline."""

    rules = tuple(GUIDELINES)
    standard = rules

    def questions(self, turns: Sequence[Turn], rules: Sequence[str]) -> Sequence[Question]:
        """Return a question for each rule."""
        subject = _OF_A_PROMPT if turns[-1].role == "user" else _OF_AN_ANSWER
        return [
            Question(messages(turns), _MAX_TOKENS, {"guideline": f'"{name}": {subject} {harm}.'}, rule)
            for rule in rules
            for name, harm in [GUIDELINES[rule]]
        ]

    def read(self, question: Question, answer: Said, *, scored: bool) -> Sequence[Hazard]:
        """Return the hazard that was asked about, if the answer is Yes."""
        found = _FORM.match(answer.text)
        if found is None:
            raise UnsoundAnswer("ShieldGemma begins with Yes or No; is this model one?")
        sure = score(answer, _FORM, ["yes"], ["no"]) if scored else float(found["label"].lower() == "yes")
        return [Hazard(question.rule, sure)] if sure else []
