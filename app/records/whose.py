"""Whose words are to be erased: a person's, or those of one exchange."""

from uuid import UUID

import msgspec


class Whose(msgspec.Struct, frozen=True):
    """What is to be erased: all of a person, or one exchange."""

    subjects: tuple[str, ...] = ()
    """As `exchanges.subject` may hold the person (`subjects.py`)."""
    name: str | None = None
    """Of the person, as callers give it."""
    exchange_id: str | None = None


class NoExchange(ValueError):
    """What is to name an exchange is no id."""


def exchange_named(id_: str) -> Whose:
    """Return that one exchange is meant.

    Raises:
        NoExchange: it is no id.
    """
    try:
        return Whose(exchange_id=str(UUID(id_)))
    except ValueError:
        raise NoExchange(f"{id_[:64]!r} is no id of an exchange") from None
