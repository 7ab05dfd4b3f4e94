"""Which guardrails apply to an exchange.

Those that are default, those the caller's key binds, and those the request adds: a caller may add, never
remove. Of these, one that names models applies where one of them is asked for, or is the one that a target of
a config really asks. An engine is compiled once per selection and kept.
"""

from collections.abc import Sequence

from app.domain.errors import InvalidRequest
from app.domain.exchange import Caller
from guardrails import Engine, Guardrail, Vault

HEADER = "x-handrail-guardrails"
"""Request header: names of guardrails to add, separated by commas."""
_MAX_SELECTIONS = 1_000
"""Engines kept before all are forgotten: callers choose what they add, so there must be a bound."""


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
        self._fingerprint_key = fingerprint_key
        self._engines: dict[tuple[str, ...], Engine] = {}

    def select(self, caller: Caller, added: tuple[str, ...], models: tuple[str, ...]) -> Engine:
        """Return the engine for this caller's exchange.

        Args:
            caller: whose it is.
            added: names that the request adds, or a config.
            models: every name of every model in question.

        Raises:
            InvalidRequest: a guardrail that is added does not exist.
        """
        return self._engine(self._names(caller, added, models))

    def later(
        self,
        caller: Caller,
        heard: tuple[tuple[str, ...], tuple[str, ...]],
        added: tuple[str, ...],
        models: tuple[str, ...],
    ) -> Engine | None:
        """Return the engine of the guardrails that a target adds; None: it adds none.

        Args:
            caller: whose exchange it is.
            heard: names and models by which guardrails have been selected before.
            added: names that a config adds on the way to the target.
            models: the target's names.
        """
        known = frozenset(self._names(caller, *heard))
        now = self._names(caller, (*heard[0], *added), (*heard[1], *models))
        names = tuple(name for name in now if name not in known)
        return self._engine(names) if names else None

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

    def _engine(self, names: tuple[str, ...]) -> Engine:
        engine = self._engines.get(names)
        if engine is None:
            engine = Engine([self._guardrails[name] for name in names], self._fingerprint_key)
            if len(self._engines) >= _MAX_SELECTIONS:
                self._engines.clear()
            self._engines[names] = engine
        return engine
