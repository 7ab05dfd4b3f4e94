"""Guardrails over texts: checks, policies, streams, redaction. Needs no gateway.

    engine = Engine([Guardrail("privacy", frozenset(Side), (check,), Action.REDACT)], fingerprint_key)

    screening = await engine.screen([Part("messages[0].content", text)])
    if screening.blocked is None:
        text = screening.redacted.get("messages[0].content", text)

    screen = engine.output()
    async for fragment in answer:
        print(await screen.feed(Part("choices[0].message.content", fragment, role="assistant")), end="")
    print(await screen.finish("choices[0].message.content"))
    await screen.close()
    verdicts = screen.verdicts()

Whoever writes a check starts at `guardrails/check.py`.
"""

from guardrails.check import Check, Match, RemoteCheck, Run, is_break
from guardrails.engine import Engine, Screening
from guardrails.guardrail import Guardrail
from guardrails.output_screen import Coverage, OutputScreen
from guardrails.part import Part, PartKind
from guardrails.redactor import Redactor
from guardrails.verdict import Action, Decision, Finding, Mode, OnError, Side, Verdict

__all__ = [
    "Action",
    "Check",
    "Coverage",
    "Decision",
    "Engine",
    "Finding",
    "Guardrail",
    "Match",
    "Mode",
    "OnError",
    "OutputScreen",
    "Part",
    "PartKind",
    "Redactor",
    "RemoteCheck",
    "Run",
    "Screening",
    "Side",
    "Verdict",
    "is_break",
]
