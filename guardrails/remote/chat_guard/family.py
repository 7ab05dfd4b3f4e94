"""What all families of guard models have in common: they are asked in turns, and answer with a label.

A family knows how a conversation is put to its models and how their replies are read. Servers apply the chat
template of a model themselves, so what is sent are turns, and what a template wants to know besides goes into
`chat_template_kwargs` (vLLM, SGLang and llama.cpp's server take it, 2026-11).

The score of a label is how much likelier the model found it than the other one, by the probabilities of the
token it begins with: 0.5 and more is what a model says at temperature 0.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

UNSAFE = "unsafe"
"""The rule of what a model found harmful without a word, or with an unknown one, for why."""


class Question(msgspec.Struct, frozen=True):
    """What a model is asked once."""

    messages: tuple[Mapping[str, str], ...]
    max_tokens: int
    template: Mapping[str, Any] = {}
    """What its chat template wants to know besides."""
    rule: str = UNSAFE
    """What a yes means, where the answer does not say."""


class Hazard(msgspec.Struct, frozen=True):
    """A harm that a model sees, or might see."""

    rule: str
    score: float


class Family(Protocol):
    """Models that are asked in the same way and answer in the same way."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every harm that its models tell apart."""

    @property
    def standard(self) -> tuple[str, ...]:
        """Those that are looked for unless others are chosen."""

    def questions(self, turns: Sequence[Turn], rules: Sequence[str]) -> Sequence[Question]:
        """Return what to ask so that every one of these harms is looked for; the last turn is judged."""

    def read(self, question: Question, answer: Said, *, scored: bool) -> Sequence[Hazard]:
        """Return what an answer says.

        Args:
            question: what was asked.
            answer: of the model.
            scored: scores are wanted, also of what the model does not hold to be harmful. Else what it found
                scores 1.

        Raises:
            UnsoundAnswer: it says nothing that this family says, or scores are wanted and it tells none.
        """


def messages(turns: Sequence[Turn]) -> tuple[Mapping[str, str], ...]:
    """Return turns as OpenAI's API takes them."""
    return tuple({"role": turn.role, "content": turn.text} for turn in turns)


def score(answer: Said, form: re.Pattern[str], positive: Sequence[str], negative: Sequence[str]) -> float:
    """Return how much likelier one of the positive labels was than one of the negative ones, 0 to 1.

    Args:
        answer: with the probabilities of its tokens.
        form: finds the label in what was said, as its group `label`.
        positive: labels in small letters.
        negative: likewise.

    Raises:
        UnsoundAnswer: it tells no probabilities of these labels.
    """
    token = _token_at(answer, form)
    if token is not None:
        alternatives = (*token.top_logprobs, token)
        chance, other = (
            max((_chance(label, alternatives) for label in labels), default=0.0)
            for labels in (positive, negative)
        )
        if chance + other > 0:
            return chance / (chance + other)
    raise UnsoundAnswer("a threshold needs the probabilities of tokens; this server tells none of a label")


def _token_at(answer: Said, form: re.Pattern[str]) -> Token | None:
    """Return the token in which the label begins, None if there is none."""
    found = form.match("".join(token.token for token in answer.tokens))
    if found is None:
        return None
    end = 0
    for token in answer.tokens:
        end += len(token.token)
        if found.start("label") < end:
            return token
    return None


def _chance(label: str, alternatives: Sequence[Token]) -> float:
    """Return the probability of the tokens with which a label may begin."""
    tokens = {alternative.token: alternative.logprob for alternative in alternatives}
    starts = ((token.strip().lower(), logprob) for token, logprob in tokens.items())
    return sum(math.exp(min(logprob, 0.0)) for start, logprob in starts if start and label.startswith(start))
