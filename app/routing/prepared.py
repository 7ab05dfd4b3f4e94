"""Configs that callers send with each request, read once for each text.

A client sends the same one with thousands of requests, and to read it costs more than to plan with it.
"""

from app.domain.errors import InvalidRequest
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, read_config
from app.routing.hooks import HookReader
from app.routing.tree import Tree, prepare
from app.wire.strict_json import decode_object

MAX_KEPT = 512
"""Texts kept; beyond, the one that was kept longest is forgotten."""
_MAX_DEPTH = 64
_PATH = "config"


class PreparedConfigs:
    """The configs that were sent lately.

    They may hold callers' own keys; they are kept in memory only and shown to nobody.

    Args:
        known: providers that they may name.
        hooks: reads their guardrails.
    """

    def __init__(self, known: Known | None = None, hooks: HookReader | None = None) -> None:
        self._known = known
        self._hooks = hooks
        self._trees: dict[str, Tree] = {}

    def tree(self, text: str) -> Tree:
        """Return the tree of a config written as JSON.

        Raises:
            ConfigError: it is no JSON object or no config.
        """
        tree = self._trees.get(text)
        if tree is None:
            tree = self._trees[text] = self._read(text)
            if len(self._trees) > MAX_KEPT:
                del self._trees[next(iter(self._trees))]
        return tree

    def _read(self, text: str) -> Tree:
        try:
            document = decode_object(text.encode(errors="surrogatepass"), max_depth=_MAX_DEPTH)
        except InvalidRequest as error:
            raise ConfigError(_PATH, error.message) from None
        return prepare(read_config(document, path=_PATH, known=self._known), self._hooks)
