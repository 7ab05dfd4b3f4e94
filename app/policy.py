"""Which guardrails apply to an exchange.

Those that are default, those the caller's key binds, and those the request adds: a caller may add, never
remove. Of these, one that names models applies where one of them is asked for, or is the one that a target of
a config really asks. Hooks that a config brings come behind them. An engine is compiled once per selection
and kept.

Who adds a guardrail is told what it says: one that flags is heard in time for that (`Guardrail.tells`), and
all of them are in `hook_results`. What the operator or a key binds is nobody's business but theirs, until it
ends an exchange.
"""

from collections.abc import Sequence

import msgspec

from app.domain.errors import InvalidRequest
from app.domain.exchange import Caller
from guardrails import Engine, Guardrail, Vault
from guardrails.guardrail import is_enforcing
from guardrails.portkey.hook import Hook, hooks_of

HEADER = "x-handrail-guardrails"
"""Request header: names of guardrails to add, separated by commas."""
_MAX_SELECTIONS = 1_000
"""Engines kept before all are forgotten: callers choose what they add, so there must be a bound."""


class _Selection(msgspec.Struct, frozen=True):
    """Which guardrails those of an engine are."""

    names: tuple[str, ...]
    told: tuple[str, ...]
    """Of those, which a caller is told about."""
    hooks: tuple[Hook, ...]


class Policy:
    """The guardrails of one configuration.

    Args:
        guardrails: all that are configured, in their order; names are unique.
        fingerprint_key: for the fingerprints of findings.
        version: content hash of the configuration they come from.
    """

    def __init__(self, guardrails: Sequence[Guardrail], fingerprint_key: bytes, version: str) -> None:
        self.version = version
        self._guardrails = {guardrail.name: guardrail for guardrail in guardrails}
        self._telling = {one.name: msgspec.structs.replace(one, tells=True) for one in guardrails}
        self._hooks = {one.name: hooks_of(one) for one in guardrails}
        self._fingerprint_key = fingerprint_key
        self._engines: dict[_Selection, Engine] = {}

    def select(
        self, caller: Caller, added: tuple[str, ...], models: tuple[str, ...], hooks: tuple[Hook, ...] = ()
    ) -> Engine:
        """Return the engine for this caller's exchange.

        Args:
            caller: whose it is.
            added: names that the request adds, or a config.
            models: every name of every model in question.
            hooks: those of a config.

        Raises:
            InvalidRequest: a guardrail that is added does not exist.
        """
        return self._engine(caller, self._names(caller, added, models), added, hooks)

    def later(
        self,
        caller: Caller,
        heard: tuple[tuple[str, ...], tuple[str, ...]],
        added: tuple[str, ...],
        models: tuple[str, ...],
        hooks: tuple[Hook, ...] = (),
    ) -> Engine | None:
        """Return the engine of the guardrails that a target adds; None: it adds none.

        Args:
            caller: whose exchange it is.
            heard: names and models by which guardrails have been selected before.
            added: names that a config adds on the way to the target.
            models: the target's names.
            hooks: those on the way to the target.
        """
        known = frozenset(self._names(caller, *heard))
        now = self._names(caller, (*heard[0], *added), (*heard[1], *models))
        names = tuple(name for name in now if name not in known)
        return self._engine(caller, names, added, hooks) if names or hooks else None

    def told(self, caller: Caller, added: tuple[str, ...], models: tuple[str, ...]) -> tuple[Hook, ...]:
        """Return what a caller is told about of the configured guardrails, as hooks: those that are added."""
        names = self._names(caller, added, models)
        return tuple(hook for name in self._told(caller, names, added) for hook in self._hooks[name])

    def hooks(self, guardrail: str) -> tuple[Hook, ...]:
        """Return a configured guardrail as hooks; nothing, if none has this name."""
        return self._hooks.get(guardrail, ())

    def must_hear(self, caller: Caller, added: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of the guardrails that may stop or change something, whatever model is asked.

        Raises:
            InvalidRequest: a guardrail that is added does not exist.
        """
        named = {*caller.guardrails, *self._names(caller, added, ())}
        return tuple(
            name
            for name, one in self._guardrails.items()
            if (one.default or name in named or name in added) and is_enforcing(one)
        )

    def vault(self) -> Vault:
        """Return the vault of a new exchange."""
        return Vault(self._fingerprint_key)

    def _names(self, caller: Caller, added: tuple[str, ...], models: tuple[str, ...]) -> tuple[str, ...]:
        for name in added:
            if name not in self._guardrails:
                known = ", ".join(self._guardrails) or "none are configured"
                raise InvalidRequest(
                    f"There is no guardrail named {name[:64]!r}; there are: {known}.",
                    param=HEADER,
                    code="unknown_guardrail",
                )
        wanted = {*caller.guardrails, *added}
        return tuple(
            name
            for name, one in self._guardrails.items()
            if (one.default or name in wanted) and one.concerns(*models)
        )

    def _told(self, caller: Caller, names: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
        bound = frozenset(caller.guardrails)
        return tuple(
            name
            for name in names
            if name in added and name not in bound and not self._guardrails[name].default
        )

    def _engine(
        self, caller: Caller, names: tuple[str, ...], added: tuple[str, ...], hooks: tuple[Hook, ...]
    ) -> Engine:
        selection = _Selection(names, self._told(caller, names, added), hooks)
        engine = self._engines.get(selection)
        if engine is None:
            told = {name: self._telling[name] for name in selection.told}
            chosen = [told.get(name) or self._guardrails[name] for name in names]
            written = [one for hook in hooks for one in hook.guardrails]
            engine = Engine([*chosen, *written], self._fingerprint_key)
            if len(self._engines) >= _MAX_SELECTIONS:
                self._engines.clear()
            self._engines[selection] = engine
        return engine
