"""A ruling: what the outcomes of a panel's checks amount to, guardrail by guardrail.

Nobody is asked anything here; who asks is `guardrails/panel.py`.
"""

from collections.abc import Mapping, Sequence

import msgspec

from guardrails.asking import TIMEOUT, Outcome
from guardrails.check import AnyCheck, Match, Remark, RemoteCheck, RemoteExchangeCheck
from guardrails.guardrail import Guardrail, is_enforcing
from guardrails.scope import Audience, Scope
from guardrails.verdict import Action, OnError

Outcomes = Mapping[int, Outcome]
"""What the checks of a panel said about a text, by their place; those without cause to speak are left out."""


class Found(msgspec.Struct, frozen=True):
    """A match, and the kind of the check that found it."""

    check: str
    match: Match


class Ruling:
    """Guardrails, and the places of their checks.

    Args:
        guardrails: in order of precedence.
        checks: of all of them, each once a scope; a check's place here is its place in outcomes.
        scopes: of the checks.
        remote_places: of those that ask other services.
    """

    def __init__(
        self,
        guardrails: Sequence[Guardrail],
        checks: Sequence[AnyCheck],
        scopes: Sequence[Scope],
        remote_places: range,
    ) -> None:
        self.guardrails = tuple(guardrails)
        self._checks = tuple(checks)
        self._remote_places = remote_places
        self._waiting = frozenset(
            place for place, one in enumerate(checks) if isinstance(one, RemoteCheck | RemoteExchangeCheck)
        )
        """Places of the checks that ask other services, and are asked at once."""
        known = list(zip(checks, scopes, strict=True))
        self._members = tuple(
            tuple(known.index((check, guardrail.scope)) for check in guardrail.checks)
            for guardrail in self.guardrails
        )
        self._askers = tuple(
            tuple(i for i, members in enumerate(self._members) if place in members)
            for place in range(len(self._checks))
        )
        self._patience_ns = min((guardrail.timeout_s for guardrail in guardrails), default=0.0) * 1e9

    def is_silent(self, outcomes: Outcomes) -> bool:
        """Return whether nothing was found, no check failed and none can have been late."""
        took_ns = 0
        for one in outcomes.values():
            if one.matches or one.error is not None or one.remarks:
                return False
            took_ns += one.duration_ns
        return took_ns < self._patience_ns

    def found(self, guardrail: int, outcomes: Outcomes) -> list[Found]:
        """Return what the checks of one guardrail found in a text, in order of the text."""
        found = [
            Found(self._checks[place].kind, match)
            for place in self._members[guardrail]
            if place in outcomes
            for match in outcomes[place].matches
        ]
        found.sort(key=_place_in_text)
        return found

    def remarks(self, guardrail: int, outcomes: Outcomes) -> list[tuple[str, Remark]]:
        """Return what the checks of one guardrail say about the exchange, each with the kind of its check."""
        return [
            (self._checks[place].kind, remark)
            for place in self._members[guardrail]
            if place in outcomes
            for remark in outcomes[place].remarks
        ]

    def error(self, guardrail: int, outcomes: Outcomes) -> str | None:
        """Return why a guardrail could not decide: its checks' first error, or that they took too long."""
        for place in self._members[guardrail]:
            if place in outcomes and outcomes[place].error is not None:
                return outcomes[place].error
        late = self.duration_ns(guardrail, outcomes) > self.guardrails[guardrail].timeout_s * 1e9
        return TIMEOUT if late else None

    def duration_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the checks of a guardrail took: local ones in turn, remote ones at once."""
        return self.local_ns(guardrail, outcomes) + self.remote_ns(guardrail, outcomes)

    def local_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the local checks of a guardrail took, in turn."""
        places = [place for place in self._members[guardrail] if place not in self._waiting]
        return sum(outcomes[place].duration_ns for place in places if place in outcomes)

    def remote_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the remote checks of a guardrail took, at once."""
        places = [place for place in self._members[guardrail] if place in self._waiting]
        return max((outcomes[place].duration_ns for place in places if place in outcomes), default=0)

    def block_at(self, outcomes: Outcomes) -> int | None:
        """Return where in a text the first enforced block is, None if nothing blocks.

        That is where the first finding of a blocking guardrail begins. A guardrail that blocks because it
        failed does so at the start: nobody knows what it would have found. So does one that blocks for what
        it says about the exchange, which stands in no text.
        """
        places: list[int] = []
        if not outcomes:
            return None
        for i, guardrail in enumerate(self.guardrails):
            if is_enforcing(guardrail):
                if guardrail.on_error is OnError.BLOCK and self.error(i, outcomes) is not None:
                    return 0
                if guardrail.action is Action.BLOCK:
                    if self.remarks(i, outcomes):
                        return 0
                    if found := self.found(i, outcomes):
                        places.append(found[0].match.start)
        return min(places, default=None)

    def redactions(self, outcomes: Outcomes, *, reversible: bool | None = None) -> list[Match]:
        """Return the matches to be redacted in a text, in order of the guardrails.

        Args:
            outcomes: about the text.
            reversible: whether those of guardrails that are, or of those that are not; None: all.
        """
        return [
            found.match
            for i, guardrail in enumerate(self.guardrails)
            if guardrail.action is Action.REDACT and is_enforcing(guardrail)
            if reversible is None or guardrail.reversible is reversible
            for found in self.found(i, outcomes)
        ]

    def unheard(self, outcomes: Outcomes, audience: Audience) -> set[int]:
        """Return the places of the guardrails some of whose remote checks have not spoken about a text."""
        missing = [place for place in audience.remote if place not in outcomes or outcomes[place].partial]
        return {asker for place in missing for asker in self._askers[place]}


def _place_in_text(found: Found) -> tuple[int, int]:
    return found.match.start, found.match.end
