"""Chat completions as remote checks read them: what was said, and how sure the model was of each token.

The shapes are OpenAI's (Chat Completions API, 2026-11), which vLLM, SGLang, llama.cpp and TGI answer too.
What says nothing (a refusal, a call of a tool) is no answer: nobody may take it for "nothing found".
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from guardrails.remote.service import UnsoundAnswer


class Token(msgspec.Struct, frozen=True):
    """One token of what was said."""

    token: str
    logprob: float = 0.0
    top_logprobs: "tuple[Token, ...]" = ()
    """What could have stood here."""


class Said(msgspec.Struct, frozen=True):
    """What a model said."""

    text: str
    tokens: tuple[Token, ...] = ()
    """Empty where the server tells no probabilities."""


class Message(msgspec.Struct, frozen=True):
    """The message of a choice."""

    content: str


class Logprobs(msgspec.Struct, frozen=True):
    """The probabilities of a choice."""

    content: tuple[Token, ...] | None = None


class Choice(msgspec.Struct, frozen=True):
    """One choice of a completion."""

    message: Message
    logprobs: Logprobs | None = None


class Completion(msgspec.Struct, frozen=True):
    """A chat completion, as far as it is read."""

    choices: tuple[Choice, ...]


def completion(document: Mapping[str, Any]) -> Completion:
    """Return a decoded document as a completion.

    Raises:
        UnsoundAnswer: it is none with a text.
    """
    try:
        return msgspec.convert(document, Completion)
    except msgspec.ValidationError:
        raise UnsoundAnswer("is no chat completion with a text") from None


def said(answer: Completion) -> Said:
    """Return what the first choice says.

    Raises:
        UnsoundAnswer: there is none.
    """
    if not answer.choices:
        raise UnsoundAnswer("is a chat completion without a choice")
    first = answer.choices[0]
    return Said(first.message.content, (first.logprobs.content if first.logprobs else None) or ())
