"""Guardrails over texts: checks, policies, streams, redaction. Needs no gateway.

    pii = {"pii": {"entities": ["email"]}}
    privacy = guardrail("privacy", {"checks": [pii], "action": "redact", "reversible": True})
    engine = Engine([privacy], fingerprint_key)

    parts = [Part("messages[0].content", question)]
    screening = await engine.screen(parts)
    if screening.blocked is None:
        question = screening.redacted.get("messages[0].content", question)

    screen, restorer = engine.output(), screening.vault.restorer()
    async for fragment in answer(question):
        part = Part("choices[0].message.content", fragment, role="assistant")
        print(restorer.feed(await screen.feed(part)), end="")
    print(restorer.feed(await screen.finish("choices[0].message.content")) + restorer.finish())
    await screen.close()
    verdicts = await engine.observe(parts, screening) + screen.verdicts()

The answer is screened first, as the model wrote it, and then restored: what the question said about
`jane@example.com` went out as `[EMAIL_KVQZMD]` and comes back as it was. What the model says about others is
redacted for good. Keep what `screen` released, not what was restored.

Whoever uses the check `secrets` calls `load()` first, in a thread if there is an event loop: its maintained
rules take a second or more to load, which else the first text with a token in it waits for.

Whoever writes a check starts at `guardrails/check.py`; whoever lets checks ask other services brings what
`guardrails/remote/service.py` describes: `guardrail(..., checks=Checks(services))`.
"""

from guardrails.check import (
    AnyCheck,
    Check,
    ConversationCheck,
    ExchangeCheck,
    Match,
    Passage,
    Prefix,
    Remark,
    RemoteCheck,
    RemoteExchangeCheck,
    Run,
    Subject,
    is_break,
)
from guardrails.checks.secrets.maintained import RulesUnavailable
from guardrails.config import Checks, ConfigError, guardrail
from guardrails.conversation import Conversation, Tool, ToolCall
from guardrails.coverage import Coverage
from guardrails.engine import Engine, Screening
from guardrails.guardrail import Guardrail
from guardrails.loading import load
from guardrails.output_screen import OutputScreen
from guardrails.part import Part, PartKind
from guardrails.redactor import Redactor
from guardrails.restorer import Restorer
from guardrails.vault import Vault
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
    "Prefix",
    "Redactor",
    "Remark",
    "RemoteCheck",
    "RemoteExchangeCheck",
    "Restorer",
    "RulesUnavailable",
    "Run",
    "Screening",
    "Side",
    "Subject",
    "Tool",
    "ToolCall",
    "Vault",
    "Verdict",
    "guardrail",
    "is_break",
    "load",
]
