"""The texts of a JSON value: every key, string and long number, each with its path and its name.

What stands as JSON inside of a string is in `app/domain/json_text.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from app.domain.part_list import PartList
from guardrails.part import Part, PartKind

_LONG_NUMBER = 10**6
_LONG_KEY = 128
"""A key stands in the path of all that is below it; a longer one is cut there and told apart by hash."""
_KEY = ".~key"
_PATH_SIGNS = frozenset('.[]#~"')


def json_parts(
    value: Any,  # noqa: ANN401 (JSON)
    path: str,
    kind: PartKind,
    role: str,
    found: PartList | None = None,
) -> list[Part]:
    """Return every key, string and long number of a JSON value as a part, in `found` behind what is there.

    Raises:
        TooManyTexts: `found` takes no more.
    """
    found = PartList(bounded=False) if found is None else found
    _walk(value, path, "", (kind, role), found)
    return found


def holds_texts(value: object) -> bool:
    """Whether there may be a text in a JSON value, so that its path is worth writing."""
    return bool(value) if isinstance(value, str | dict | list) else is_long_number(value)


def name_of(key: str, members: Mapping[str, Any], name: str = "") -> str:
    """Return the name of a member's value: its key, or what an object says that has a name and a value.

    Args:
        key: of the member.
        members: all of the object: `{"name": "PASSWORD", "value": "..."}`.
        name: of the object itself.
    """
    if key != "value":
        return key
    said = members.get("name", members.get("key"))
    return said if isinstance(said, str) and said else name or key


def member_path(path: str, key: str) -> str:
    """Return the path of an object's member; a key with signs of the notation in it is quoted: `a["b.c"]`.

    The sign `#` is escaped there, so that in any path the first one begins what stands inside a string.
    """
    if len(key) > _LONG_KEY:
        told_apart = hashlib.blake2b(key.encode(errors="replace"), digest_size=8).hexdigest()
        key = f"{key[: _LONG_KEY // 2]}~{told_apart}"
    if _PATH_SIGNS.isdisjoint(key):
        return f"{path}.{key}" if path else key
    quoted = json.dumps(key, ensure_ascii=False).replace("#", "\\u0023")
    return f"{path}[{quoted}]"


def key_path(path: str) -> str:
    """Return the path of a key itself, given the path of its value."""
    return path + _KEY


def is_key_path(path: str) -> bool:
    """Whether the path is one of `key_path`."""
    return path.endswith(_KEY)


def is_long_number(value: object) -> TypeGuard[int | float]:
    """Whether this number could be somebody's: a card, a phone, an account."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _LONG_NUMBER


def number_text(value: float) -> str:
    """Return the digits of a number as a person would write them: `4111111111111111.0` is a card, too."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _walk(value: Any, path: str, name: str, said: tuple[PartKind, str], found: PartList) -> None:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        if value:
            found.append(Part(path, value, *said, name=name))
    elif isinstance(value, dict):
        for key, item in value.items():
            place = found.place(member_path(path, key))
            found.append(Part(key_path(place), key, *said))
            _walk(item, place, name_of(key, value, name), said, found)
    elif isinstance(value, list):
        for i in [i for i, item in enumerate(value) if holds_texts(item)]:
            _walk(value[i], found.place(f"{path}[{i}]"), name, said, found)
    elif is_long_number(value):
        found.append(Part(path, number_text(value), *said, name=name))
