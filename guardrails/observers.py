"""Observers of one answer: guardrails that hold nothing back and hear it only when all of it is there.

The counterpart is `guardrails/output_screen.py`, whose enforcing guardrails hear an answer while it grows.
"""

from collections.abc import Sequence

from guardrails.check import Subject
from guardrails.conversation import Conversation, ToolCall
from guardrails.evidence import Evidence
from guardrails.hearing import hear
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.verdict import Side, Verdict


class Observers:
    """Those of one panel. One task at a time may use them.

    Args:
        panel: who they are.
        fingerprint_key: as `Engine`.
        conversation: that the answer belongs to.
    """

    __slots__ = ("_conversation", "_evidence", "_has_heard", "_panel")

    def __init__(self, panel: Panel, fingerprint_key: bytes, conversation: Conversation) -> None:
        self._panel = panel
        self._conversation = conversation
        self._evidence = Evidence(panel, Side.OUTPUT, fingerprint_key)
        self._has_heard = False

    def __bool__(self) -> bool:
        return bool(self._panel)

    @property
    def examine(self) -> bool:
        """Whether any of them looks at more of answers than texts."""
        return bool(self._panel.examination)

    async def hear(self, parts: Sequence[Part], calls: Sequence[ToolCall]) -> None:
        """Let them hear the answer, once; nothing at all only where somebody looks at more than texts.

        Args:
            parts: its texts as they came, as far as they were screened.
            calls: its tool calls.
        """
        if not self._has_heard and self._panel and (parts or self._panel.examination):
            subject = Subject(Side.OUTPUT, self._conversation, tuple(parts), tuple(calls))
            # Bound only now: even that may take its time.
            await hear(self._panel.of(self._conversation), subject, self._evidence)
        self._has_heard = True

    def verdicts(self, *, complete: bool) -> tuple[Verdict, ...]:
        """Return what they say as of now.

        Args:
            complete: whether all of the answer was there to be heard.
        """
        nobody = () if complete and self._has_heard else range(len(self._panel.guardrails))
        return self._evidence.verdicts(incomplete=nobody)
