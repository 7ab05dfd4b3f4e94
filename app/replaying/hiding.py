"""Takes secrets and personal data out of names on record: a caller may have given them."""

import functools
import re
from collections.abc import Callable, Collection

from app.replaying.past import Hide
from guardrails import Redactor

_PLAIN = re.compile(r"[a-z_.-]{1,40}")
"""A name that holds no number, address or key."""


def hiding(known: Collection[str], redactor: Callable[[], Redactor]) -> Hide:
    """Return what does it with names that are not plain words.

    Args:
        known: names that may be shown as they are.
        redactor: makes what takes them out, once it is needed.
    """
    made = functools.cache(redactor)

    @functools.lru_cache(maxsize=10_000)
    def hide(name: str) -> str:
        if name in known or _PLAIN.fullmatch(name):
            return name
        return made().redact(name)

    return hide
