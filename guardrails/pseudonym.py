r"""Pseudonyms: placeholders that stand for one value each, so that it can be put back.

    [EMAIL_KVQZMD]

The name of the rule tells a model what it is about; the six letters tell values apart. They are a keyed
hash of the rule and the normalised value, so a value has the same pseudonym in every turn of a conversation
and on every gateway with the same key, and nobody has to remember anything: callers send the whole history
each time. Without the key no value can be tried out.

Only letters, digits and `_` stand between the brackets: nothing that JSON, YAML, URLs or shells escape. The
six are consonants: no word comes about by chance, and no number that a pattern would find once more. What
models nevertheless do to a pseudonym is write it in small letters, without its brackets, or with backslashes
as Markdown has them (`\[EMAIL\_KVQZMD\]`): all that is understood, see `guardrails/restorer.py`.

Six letters of 20 are 6.4 * 10^7: who chooses one makes sure that it is not taken (`guardrails/vault.py`).
"""

import re
from collections.abc import Iterable

from guardrails.fingerprint import keyed_hash, normalised

_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 6
_PURPOSE = b"pseudonym"
_NO_NAME = re.compile(r"[^A-Z0-9]+")
_MARK = re.compile(r"_([A-Za-z]{6})")
"""What could be the end of a pseudonym, whatever its rule."""


def name_of(rule: str) -> str:
    """Return how a pseudonym names its rule: capitals and digits, words joined by `_`."""
    return _NO_NAME.sub("_", rule.upper()).strip("_") or "VALUE"


def pseudonym(key: bytes, rule: str, value: str, attempt: int = 0) -> str:
    """Return a pseudonym without its brackets: `EMAIL_KVQZMD`.

    Args:
        key: secret.
        rule: what the value is.
        value: two spellings that are normalised to one have one pseudonym.
        attempt: other numbers give others, for when one is taken.
    """
    name = name_of(rule)
    digest = keyed_hash(key, f"{name}\0{attempt}\0{normalised(value)}", purpose=_PURPOSE)
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return f"{name}_{''.join(letters)}"


def mark_of(pseudonym: str) -> str:
    """Return its last six letters, without the name of its rule."""
    return pseudonym[-_LENGTH:]


def marks_in(texts: Iterable[str]) -> set[str]:
    """Return the marks that stand in texts already, in capitals: no pseudonym with one of them does not."""
    return {mark.upper() for text in texts if "_" in text for mark in _MARK.findall(text)}
