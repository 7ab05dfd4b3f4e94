"""Sides of exchanges, as Portkey's checks see them."""

from guardrails.check import ExchangeCheck, Subject
from guardrails.conformance.exchange import assert_examines
from guardrails.conversation import Conversation
from guardrails.part import Part, PartKind
from guardrails.verdict import Side


def asked(*messages: str, conversation: Conversation | None = None) -> Subject:
    """Return a request of these messages."""
    parts = tuple(Part(f"messages[{i}].content", text) for i, text in enumerate(messages))
    return Subject(Side.INPUT, conversation or Conversation(), parts)


def answered(*choices: str) -> Subject:
    """Return an answer of these choices."""
    parts = tuple(
        Part(f"choices[{i}].message.content", text, role="assistant") for i, text in enumerate(choices)
    )
    return Subject(Side.OUTPUT, Conversation(), parts)


def arguments(text: str) -> Part:
    """Return a text of a tool call of the first message."""
    return Part("messages[0].tool_calls[0].function.arguments.q", text, PartKind.TOOL_ARGUMENTS, "assistant")


def verdict(check: ExchangeCheck, subject: Subject) -> bool:
    """Return Portkey's verdict, and hold the check to its port on the way."""
    assert_examines(check, subject)
    return not check.examine(subject)
