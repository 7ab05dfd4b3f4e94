"""Lists of names that are allowed or denied, as several checks about exchanges have them."""

from collections.abc import Sequence

from guardrails.decoding import ConfigError
from guardrails.names import Names


class Lists:
    """What is allowed and what is denied; a denial outranks.

    Args:
        allow: patterns; None: everything.
        deny: patterns.
    """

    def __init__(self, allow: Sequence[str] | None, deny: Sequence[str]) -> None:
        self._allow = None if allow is None else Names(allow)
        self._deny = Names(deny)

    def fault(self, *names: str) -> str | None:
        """Return what is wrong with something that has these names: `denied`, `not_allowed`, or nothing."""
        if any(self._deny.match(name) for name in names):
            return "denied"
        if self._allow is not None and not any(self._allow.match(name) for name in names):
            return "not_allowed"
        return None


def require_some(allow: Sequence[str] | None, deny: Sequence[str], path: str) -> None:
    """Make sure that a list says something.

    Raises:
        ConfigError: there is neither, or an empty name.
    """
    if allow is None and not deny:
        raise ConfigError(path, "give allow or deny")
    for key, names in (("allow", allow or ()), ("deny", deny)):
        for index, name in enumerate(names):
            if not name:
                raise ConfigError(f"{path}.{key}[{index}]", "is empty")
