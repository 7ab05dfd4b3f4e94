"""Guardrails over texts: checks, policies, streams, redaction. Needs no gateway.

    privacy = guardrail("privacy", {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact"})
    engine = Engine([privacy], fingerprint_key)

    parts = [Part("messages[0].content", question)]
    screening = await engine.screen(parts)
    if screening.blocked is None:
        question = screening.redacted.get("messages[0].content", question)

    screen = engine.output()
    async for fragment in answer(question):
        print(await screen.feed(Part("choices[0].message.content", fragment, role="assistant")), end="")
    print(await screen.finish("choices[0].message.content"))
    await screen.close()
    verdicts = await engine.observe(parts, screening) + screen.verdicts()

Whoever writes a check starts at `guardrails/check.py`.
"""

from guardrails.check import (
    AnyCheck,
    Check,
    ConversationCheck,
    ExchangeCheck,
    Match,
    Passage,
    Remark,
    RemoteCheck,
    Run,
    Subject,
    is_break,
)
from guardrails.config import Checks, ConfigError, guardrail
from guardrails.conversation import Conversation, Tool, ToolCall
from guardrails.coverage import Coverage
from guardrails.engine import Engine, Screening
from guardrails.guardrail import Guardrail
from guardrails.output_screen import OutputScreen
from guardrails.part import Part, PartKind
from guardrails.redactor import Redactor
from guardrails.verdict import Action, Decision, Finding, Mode, OnError, Side, Verdict

__all__ = [
    "Action",
    "AnyCheck",
    "Check",
    "Checks",
    "ConfigError",
    "Conversation",
    "ConversationCheck",
    "Coverage",
    "Decision",
    "Engine",
    "ExchangeCheck",
    "Finding",
    "Guardrail",
    "Match",
    "Mode",
    "OnError",
    "OutputScreen",
    "Part",
    "PartKind",
    "Passage",
    "Redactor",
    "Remark",
    "RemoteCheck",
    "Run",
    "Screening",
    "Side",
    "Subject",
    "Tool",
    "ToolCall",
    "Verdict",
    "guardrail",
    "is_break",
]
