"""A division: the guardrails of one side of exchanges, taken apart by when they are heard.

Of a request telling guardrails are heard with those that enforce, before anybody is asked; of an answer by
themselves, between its last text and its end.
"""

from collections.abc import Sequence

from guardrails.guardrail import Guardrail, is_enforcing, is_telling
from guardrails.panel import Panel
from guardrails.verdict import Side


class Division:
    """Three panels. Immutable.

    Args:
        guardrails: of both sides, in order of precedence.
        side: whose there are.
    """

    __slots__ = ("enforcing", "observing", "order", "telling")

    def __init__(self, guardrails: Sequence[Guardrail], side: Side) -> None:
        here = [guardrail for guardrail in guardrails if side in guardrail.on]
        self.order = tuple(_place(guardrail, side) for guardrail in here)
        """For each guardrail, in which of the three panels it is."""
        self.enforcing, self.telling, self.observing = (
            Panel(
                [one for one, place in zip(here, self.order, strict=True) if place == panel],
                streams=side is Side.OUTPUT and panel == 0,
            )
            for panel in range(3)
        )


def _place(guardrail: Guardrail, side: Side) -> int:
    """Return who a guardrail is heard with; of a request telling ones with those that enforce."""
    if is_enforcing(guardrail):
        return 0
    if is_telling(guardrail):
        return 0 if side is Side.INPUT else 1
    return 2
