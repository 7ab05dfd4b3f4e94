"""One text of an answer while it grows, and what has become of it so far."""

from guardrails.part import Part
from guardrails.scope import Audience
from guardrails.window import Window


class AnswerText:
    """One text of an answer. `guardrails/output_screen.py` fills it."""

    __slots__ = ("audience", "finished", "is_heard", "part", "screened", "seen", "window")

    def __init__(self, part: Part, audience: Audience, window: Window, *, is_heard: bool) -> None:
        self.part = part
        """Its first fragment: path, kind and role of the whole."""
        self.audience = audience
        self.is_heard = is_heard
        """Whether anybody may hold or change it."""
        self.window = window
        self.screened = 0
        """How far it has passed screening."""
        self.seen: list[str] = []
        """What observing guardrails will see of it."""
        self.finished = False
