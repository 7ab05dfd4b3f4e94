"""Configs that callers send with each request, read once for each text.

A client sends the same one with thousands of requests, and to read it costs more than to plan with it.
"""

import hashlib
from collections.abc import Callable

import msgspec

from app.domain.errors import InvalidRequest
from app.routing.config import Credentials
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, read_config
from app.routing.hooks import HookReader
from app.routing.tree import Leaf, Tree, leaves, prepare
from app.wire.strict_json import decode_object

MAX_KEPT = 512
"""Texts kept; beyond, the one that was kept longest is forgotten."""
_MAX_DEPTH = 64
_PATH = "config"
_DIGEST_BYTES = 16
_NO_CREDENTIALS = Credentials()


class Prepared(msgspec.Struct, frozen=True):
    """A config that was sent."""

    tree: Tree
    name: str
    """Of the same text always the same, and of another one another: what its circuits are called by."""
    bringing: tuple[Leaf, ...]
    """The targets that bring a key or an address: whether they may depends on the request as well."""


class PreparedConfigs:
    """The configs that were sent lately.

    They may hold callers' own keys; they are kept in memory only and shown to nobody.

    Args:
        known: providers that they may name.
        hooks: reads their guardrails.
        require: makes sure that a target which brings nothing can be had; raises if not.
    """

    def __init__(
        self,
        known: Known | None = None,
        hooks: HookReader | None = None,
        require: Callable[[Leaf], object] = lambda _: None,
    ) -> None:
        self._known = known
        self._hooks = hooks
        self._require = require
        self._kept: dict[str, Prepared] = {}

    def config(self, text: str) -> Prepared:
        """Return a config written as JSON.

        Raises:
            ConfigError: it is no JSON object or no config.
        """
        prepared = self._kept.get(text)
        if prepared is None:
            prepared = self._kept[text] = self._read(text)
            if len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return prepared

    def _read(self, text: str) -> Prepared:
        written = text.encode(errors="surrogatepass")
        try:
            document = decode_object(written, max_depth=_MAX_DEPTH, what="The text")
        except InvalidRequest as error:
            raise ConfigError(_PATH, error.message) from None
        tree = prepare(read_config(document, path=_PATH, known=self._known), self._hooks)
        bringing = tuple(leaf for leaf in leaves(tree) if leaf.credentials != _NO_CREDENTIALS)
        for leaf in leaves(tree):
            if leaf not in bringing:
                self._require(leaf)
        return Prepared(tree, hashlib.blake2b(written, digest_size=_DIGEST_BYTES).hexdigest(), bringing)
