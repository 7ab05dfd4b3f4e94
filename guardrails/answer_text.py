"""One text of an answer while it grows, and what has become of it so far."""

from guardrails.check import Run
from guardrails.gate import Gate
from guardrails.part import Part
from guardrails.scope import Audience
from guardrails.window import Window


class AnswerText:
    """One text of an answer. `guardrails/output_screen.py` fills it."""

    __slots__ = ("audience", "finished", "gate", "is_heard", "part", "seen", "settled", "window")

    def __init__(
        self, part: Part, audience: Audience, window: Window, gate: Gate | None, *, is_heard: bool
    ) -> None:
        self.part = part
        """Its first fragment: path, kind and role of the whole."""
        self.audience = audience
        self.is_heard = is_heard
        """Whether anybody may hold or change it."""
        self.window = window
        self.gate = gate
        """Where remote checks are asked: it holds what the window has let go."""
        self.settled = 0
        """How far the window has let it go."""
        self.seen: list[str] = []
        """What observing guardrails will see of it."""
        self.finished = False

    def run(self, text: str, *, last: bool) -> Run:
        """Return what the window has just let go as a run."""
        run = Run(text, self.settled, last, self.part.name)
        self.settled += len(text)
        return run
