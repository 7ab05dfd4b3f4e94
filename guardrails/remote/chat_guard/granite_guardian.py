r"""Granite Guardian 3.0 to 3.3: yes where one criterion is met, else no.

    <score> yes </score>                          3.3
    Yes\n<confidence> High </confidence>          3.2
    Yes                                           3.0, 3.1

It is asked once for each criterion, by the name it knows that by: `criteria_id` in 3.3, `risk_name` before
(IBM, model cards of granite-guardian-3.0-8b to -3.3-8b, 2025-08). 3.3 may think aloud first; it is told not
to. The criteria about documents and tools are not here: a passage has none.
"""

import re
from collections.abc import Sequence

from guardrails.remote.chat_guard.family import Hazard, Question, messages, score
from guardrails.remote.completion import Said
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

_FORM = re.compile(
    r"\s*(?:<score>\s*)?(?P<label>yes|no)(?:\s*</score>)?(?:\s*<confidence>[^<]*</confidence>)?\s*\Z",
    re.IGNORECASE,
)
_MAX_TOKENS = 20


class GraniteGuardian:
    """Asks once for each criterion.

    Args:
        key: what its template calls the name of one.
    """

    rules = (
        "harm",
        "jailbreak",
        "profanity",
        "sexual_content",
        "social_bias",
        "unethical_behavior",
        "violence",
    )
    standard = ("harm",)

    def __init__(self, key: str = "criteria_id") -> None:
        self._key = key

    def questions(self, turns: Sequence[Turn], rules: Sequence[str]) -> Sequence[Question]:
        """Return a question for each rule."""
        return [
            Question(
                messages(turns), _MAX_TOKENS, {"guardian_config": {self._key: rule}, "think": False}, rule
            )
            for rule in rules
        ]

    def read(self, question: Question, answer: Said, *, scored: bool) -> Sequence[Hazard]:
        """Return the hazard that was asked about, if the answer is yes."""
        found = _FORM.match(answer.text)
        if found is None:
            raise UnsoundAnswer("Granite Guardian says yes or no; is this model one?")
        sure = score(answer, _FORM, ["yes"], ["no"]) if scored else float(found["label"].lower() == "yes")
        return [Hazard(question.rule, sure)] if sure else []
