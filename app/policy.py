"""Which guardrails apply to an exchange.

Those that are default, those the caller's key binds, and those the request adds: a caller may add, never
remove. An engine is compiled once per selection and kept.
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

    def select(self, caller: Caller, added: tuple[str, ...]) -> Engine:
        """Return the engine for this caller's exchange.

        Raises:
            InvalidRequest: if the request adds a guardrail that does not exist.
        """
        for name in added:
            if name not in self._guardrails:
                known = ", ".join(self._guardrails) or "none are configured"
                raise InvalidRequest(
                    f"There is no guardrail named {name[:64]!r}; there are: {known}.",
                    param=HEADER,
                    code="unknown_guardrail",
                )
        wanted = {*caller.guardrails, *added}
        return self._engine(
            tuple(name for name, one in self._guardrails.items() if one.default or name in wanted)
        )

    def only(self, caller: Caller, heard: tuple[str, ...], added: tuple[str, ...]) -> Engine | None:
        """Return the engine of those of the added guardrails that have not been heard; None: all have.

        Args:
            caller: whose guardrails have been.
            heard: names that the request added, which have been, too.
            added: names that a config adds.
        """
        known = {*caller.guardrails, *heard}
        names = tuple(
            name
            for name, one in self._guardrails.items()
            if name in added and not one.default and name not in known
        )
        return self._engine(names) if names else None

    def vault(self) -> Vault:
        """Return the vault of a new exchange."""
        return Vault(self._fingerprint_key)

    def _engine(self, names: tuple[str, ...]) -> Engine:
        engine = self._engines.get(names)
        if engine is None:
            engine = Engine([self._guardrails[name] for name in names], self._fingerprint_key)
            if len(self._engines) >= _MAX_SELECTIONS:
                self._engines.clear()
            self._engines[names] = engine
        return engine
