"""The scope of a guardrail: which texts it hears at all.

A text outside of it is not heard late or without effect, it is not heard: no check of the guardrail is asked
about it, and nothing is held for it. Who hears a text depends on where it stands alone (its kind, who said
it, whether it is new), so the answer is kept for each such place.
"""

from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from guardrails.part import Part, PartKind

_Item = TypeVar("_Item")

_MAX_PLACES = 1_000
"""Places remembered before all are forgotten: roles are whatever the host says."""


class Scope(msgspec.Struct, frozen=True):
    """Which texts a guardrail hears."""

    roles: frozenset[str] | None = None
    """Of whom; None: of anybody, and what nobody says."""
    kinds: frozenset[PartKind] | None = None
    """None: any."""
    only_new: bool = False
    """Only what came with the latest turn. A caller who writes an answer that nobody gave makes whatever
    stands before it old: this spares work on conversations one trusts, and is no wall."""

    def covers(self, part: Part) -> bool:
        """Return whether the guardrail hears this text."""
        return (
            (self.roles is None or part.role in self.roles)
            and (self.kinds is None or part.kind in self.kinds)
            and (part.is_new or not self.only_new)
        )


EVERYTHING = Scope()


_INSTRUCTING = frozenset({"system", "developer"})
"""One role by two names: a caller may write either, and a provider is sent whichever it knows."""


class AppliesTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a guardrail is about, as configuration says it; a key that is left out leaves nothing out.

    Who named `system` or `developer` has named both.
    """

    roles: tuple[Literal["system", "developer", "user", "assistant", "tool", "function"], ...] | None = None
    parts: tuple[PartKind, ...] | None = None
    models: tuple[str, ...] | None = None
    """With `*` for any characters: the name a request asks for, or `@provider/model`."""

    def scope(self, *, only_new: bool) -> Scope:
        """Return which texts that is."""
        roles: frozenset[str] | None = _set(self.roles)
        if roles is not None and not roles.isdisjoint(_INSTRUCTING):
            roles |= _INSTRUCTING
        return Scope(roles, _set(self.parts), only_new)

    def empty_key(self) -> str | None:
        """Return the name of a key that is given and holds nothing."""
        given = {"roles": self.roles, "parts": self.parts, "models": self.models}
        return next((key for key, value in given.items() if value is not None and not any(value)), None)


class Audience(msgspec.Struct, frozen=True):
    """Who hears a text."""

    guardrails: frozenset[int]
    """Their places."""
    local: tuple[int, ...]
    """Places of local checks."""
    remote: tuple[int, ...]
    """Places of checks that ask other services."""
    is_everybody: bool = False


class Audiences:
    """The audiences of one panel.

    Args:
        scopes: of its guardrails.
        checks: scope of each check, by place.
        remote_places: of those checks that ask other services; local ones come before them.
    """

    __slots__ = ("_checks", "_everybody", "_known", "_remote_places", "_scopes")

    def __init__(self, scopes: Sequence[Scope], checks: Sequence[Scope], remote_places: range) -> None:
        self._scopes = tuple(scopes)
        self._checks = tuple(checks)
        self._remote_places = remote_places
        self._known: dict[tuple[PartKind, str, bool], Audience] = {}
        self._everybody = None
        if all(scope == EVERYTHING for scope in scopes):
            local = tuple(range(remote_places.start))
            everybody = frozenset(range(len(scopes)))
            self._everybody = Audience(everybody, local, tuple(remote_places), is_everybody=True)

    def of(self, part: Part) -> Audience:
        """Return who hears a text that stands where this part does."""
        if self._everybody is not None:
            return self._everybody
        place = (part.kind, part.role, part.is_new)
        audience = self._known.get(place)
        if audience is None:
            if len(self._known) >= _MAX_PLACES:
                self._known.clear()
            audience = self._known[place] = self._made(part)
        return audience

    def _made(self, part: Part) -> Audience:
        covered = [place for place, scope in enumerate(self._checks) if scope.covers(part)]
        return Audience(
            frozenset(place for place, scope in enumerate(self._scopes) if scope.covers(part)),
            tuple(place for place in covered if place < self._remote_places.start),
            tuple(place for place in covered if place in self._remote_places),
        )


def _set(items: tuple[_Item, ...] | None) -> frozenset[_Item] | None:
    return None if items is None else frozenset(items)
