"""Guardrails that a caller sends by header, in Portkey's form (`x-portkey-default-input-guardrails`).

They come on top of all others, whether a config routes the request or not, as those of a node above its root
would: they hear a request once, and what they deny is denied wherever it is sent. Like a config, each text
is read once. What rows and spans call them ends with `~header`, which no id can, so that they are never taken
for a config's of the same id.
"""

import msgspec

from app.domain.errors import InvalidRequest
from app.routing.config import Guards
from app.routing.config_error import ConfigError, member
from app.routing.config_reader import read_guards
from app.routing.hooks import ConfigHooks, HookReader, NodeGuards
from app.routing.wish import Wish
from app.wire.strict_json import decode_array

INPUT_HEADER = "x-portkey-default-input-guardrails"
OUTPUT_HEADER = "x-portkey-default-output-guardrails"
MAX_KEPT = 512
"""Pairs of texts kept; beyond, the one that was kept longest is forgotten."""
_MAX_DEPTH = 64
_PATH = "default"
"""Where errors say that they stand."""
_MARK = "~header"
_ROOT = ""
"""The path of what is above every node."""
_NONE = NodeGuards(_ROOT)


class SentGuardrails:
    """Those that were sent lately.

    Args:
        hooks: reads them.
    """

    def __init__(self, hooks: HookReader) -> None:
        self._hooks = hooks
        self._read: dict[tuple[str | None, str | None], NodeGuards] = {}

    def of(self, wish: Wish) -> tuple[NodeGuards, ...]:
        """Return the guardrails that a caller sends, none or those of one node.

        Raises:
            InvalidRequest: one cannot be used; `param` is the header.
        """
        texts = wish.input_guardrails, wish.output_guardrails
        if texts == (None, None):
            return ()
        node = self._read.get(texts)
        if node is None:
            node = self._read[texts] = self._node(wish)
            if len(self._read) > MAX_KEPT:
                del self._read[next(iter(self._read))]
        return () if node == _NONE else (node,)

    def require_none(self, wish: Wish) -> None:
        """Make sure that a caller sends none with what nobody can hear.

        Raises:
            InvalidRequest: some are sent, or they cannot be used.
        """
        if self.of(wish):
            header = OUTPUT_HEADER if wish.input_guardrails is None else INPUT_HEADER
            raise _refused(header, "cannot be used: this is passed on unread.")

    def _node(self, wish: Wish) -> NodeGuards:
        hooks = self._hooks.of_config(_MARK)
        asked = _side(hooks, INPUT_HEADER, "input_guardrails", wish.input_guardrails)
        answered = _side(hooks, OUTPUT_HEADER, "output_guardrails", wish.output_guardrails)
        names = dict.fromkeys((*asked.names, *answered.names))
        return NodeGuards(_ROOT, tuple(names), asked.hooks + answered.hooks)


def _side(hooks: ConfigHooks, header: str, key: str, text: str | None) -> NodeGuards:
    """Return what one header says."""
    if text is None:
        return _NONE
    try:
        listed = decode_array(text.encode(errors="surrogatepass"), max_depth=_MAX_DEPTH, what="It")
    except InvalidRequest as error:
        message = f"must hold a JSON array, as `json.dumps` writes one. {error.message}"
        raise _refused(header, message) from None
    try:
        guards = msgspec.structs.replace(Guards(), **{key: read_guards(listed, member(_PATH, key))})
        return hooks.of_node(_PATH, guards)
    except ConfigError as error:
        raise _refused(header, f"cannot be used: {error}") from None


def _refused(header: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"`{header}` {why}", param=header, code="invalid_guardrails")
