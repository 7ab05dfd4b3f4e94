"""The guardrails of a candidate file, and which of them an exchange on record would have met.

Those that are default, those that the file binds to a key of the caller's name, and those that spoke when it
happened, for then a key, a config or a request had added them; of these, one that names models where one of
them was asked. Policy and engine are the service's own (`app/policy.py`).

Checks that read headers of a request (a token) are left out: headers are not on record, and each exchange
would look as if it had none. Checks that ask another service are the caller's to allow.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from app.domain.exchange import Caller
from app.hop_requests import names_of
from app.policy import Policy
from app.records.plain_rows import PlainRow
from app.replaying.effects import Effect, Mark, possible_effect
from guardrails import AnyCheck, Engine, Guardrail, RemoteCheck, RemoteExchangeCheck, Side
from guardrails.check import ReadsHeaders


class Chosen(msgspec.Struct, frozen=True):
    """The guardrails of one exchange."""

    engine: Engine
    guardrails: tuple[Guardrail, ...]
    """As the file has them, checks that are left out included."""


class Candidate:
    """What is tried.

    Args:
        guardrails: of the file, in its order.
        bound: names of those that each key binds, by the key's name.
    """

    def __init__(self, guardrails: Sequence[Guardrail], bound: Mapping[str, tuple[str, ...]]) -> None:
        self._all = {one.name: one for one in guardrails}
        self._bound = bound
        self._policy = Policy([*_heard(guardrails)], os.urandom(32), "candidate")
        self._heard = {one.name for one in _heard(guardrails)}

    @property
    def names(self) -> Collection[str]:
        """Of the guardrails."""
        return self._all.keys()

    def left_out(self) -> Iterator[tuple[str, str]]:
        """Yield guardrails and kinds of the checks that cannot be asked again."""
        for one in self._all.values():
            yield from ((one.name, check.kind) for check in one.checks if _reads_headers(check))

    def remote(self) -> Iterator[tuple[str, str]]:
        """Yield guardrails and kinds of the checks that ask another service."""
        for one in self._all.values():
            for check in one.checks:
                if isinstance(check, RemoteCheck | RemoteExchangeCheck) and not _reads_headers(check):
                    yield one.name, check.kind

    def choose(self, row: PlainRow, spoken: Iterable[str]) -> Chosen:
        """Return the guardrails that an exchange meets.

        Args:
            row: of the exchange.
            spoken: names of those whose verdicts are on record.
        """
        caller = Caller(row["caller"], self._bound.get(row["caller"], ()))
        models = names_of(row["requested_model"] or "")
        if row["provider"]:
            models += names_of(f"@{row['provider']}/{row['model']}")
        wanted = {*caller.guardrails, *spoken}
        met = tuple(
            one
            for name, one in self._all.items()
            if (one.default or name in wanted) and one.concerns(*models)
        )
        added = tuple(one.name for one in met if one.name in self._heard)
        heard = Caller(caller.name, tuple(name for name in caller.guardrails if name in self._heard))
        return Chosen(self._policy.select(heard, added, models), met)


def can_have(guardrails: Iterable[Guardrail], mark: Mark) -> bool:
    """Return whether one of these could have had this effect by this check, whatever the exchange said."""
    return any(
        one.name == mark.guardrail
        and mark.side in one.on
        and possible_effect(one) is mark.effect
        and (mark.is_whole or any(check.kind == mark.check for check in one.checks))
        for one in guardrails
    )


def possible_effects(guardrails: Iterable[Guardrail], side: Side) -> frozenset[Effect]:
    """Return what any of these could have done on a side."""
    return frozenset(possible_effect(one) for one in guardrails if side in one.on)


def is_untried(guardrails: Iterable[Guardrail], mark: Mark) -> bool:
    """Return whether a mark may be missing because a check of its guardrail was left out."""
    return any(
        one.name == mark.guardrail and (mark.is_whole or mark.check == check.kind)
        for one in guardrails
        for check in one.checks
        if _reads_headers(check)
    )


def _heard(guardrails: Sequence[Guardrail]) -> Iterator[Guardrail]:
    for one in guardrails:
        checks = tuple(check for check in one.checks if not _reads_headers(check))
        if checks:
            yield one if checks == one.checks else msgspec.structs.replace(one, checks=checks)


def _reads_headers(check: AnyCheck) -> bool:
    return isinstance(check, ReadsHeaders) and bool(check.headers)
