r"""JSON inside a string: the arguments of a tool call, the answer of a tool.

An e-mail address in `{"to": "a\u0040b.example"}` is invisible to whoever reads the string as it stands. So
such a text is taken apart into the keys and leaves it decodes to, each a part, and a redaction is written
back in a way that leaves valid JSON valid. A leaf's path goes on behind a `#`:
`messages[2].tool_calls[0].function.arguments#.to[0]`.

A leaf may hold JSON again. It is a part as it stands, where a guardrail sees a name and its value together;
where that hides something (an escape) or could not be written back (a number), so is each leaf within. If
both are changed and do not say the same, the whole leaf goes.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

import msgspec

from app.domain.data_text import redacted_data_url
from app.domain.json_escapes import says_the_same, unescaped
from app.domain.unique_names import UniqueNames
from guardrails.part import Part, PartKind

REDACTED = "[REDACTED]"
MAX_DEPTH = 64
"""JSON that nests deeper is taken for plain text: whoever reads it may give up, and so may we."""
_LEVELS = 4
"""Of JSON in strings in JSON; deeper ones are seen as they stand."""
_LONG_DIGITS = re.compile(r"[0-9]{7}")
_LONG_NUMBER = 10**6
_LONG_KEY = 128
"""A key stands in the path of all that is below it; a longer one is cut there and told apart by hash."""
_SIGNED = ("thinking", "reasoning.text")
"""Types of thoughts that come with a signature: Anthropic's and OpenRouter's. No set: a `type` may be a list,
as JSON Schema has them."""
MEDIA_KEYS = frozenset({"url", "data", "file_data"})
"""Where the protocol has media."""
_KEY = ".~key"
_PATH_SIGNS = frozenset('.[]#~"')


class Redactions(msgspec.Struct, frozen=True):
    """New texts by path, and which strings have something to replace in the JSON they hold."""

    texts: Mapping[str, str]
    inside: frozenset[str]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Redactions":
        """Wrap what a screening returned."""
        return cls(texts, strings_around(texts))


class JsonText(msgspec.Struct, frozen=True):
    """A string that should hold JSON, and where it stands."""

    path: str
    text: str

    def parts(self, kind: PartKind, role: str, levels: int = _LEVELS) -> tuple[Part, ...]:
        """Return every key and leaf as a part.

        Text that is no JSON (or says a key twice, of which a decoder shows only the last) is one part as it
        stands; since its escapes still may be decoded by whoever gets it, the text with its escapes decoded
        is a second one.

        Args:
            kind: of the parts.
            role: of the parts.
            levels: how many levels of JSON in strings are taken apart.
        """
        value = self._decoded()
        if value is _NOT_JSON:
            whole = Part(self.path, self.text, kind, role)
            return (
                (whole, Part(self.path + "#", unescaped(self.text), kind, role))
                if "\\" in self.text
                else (whole,)
            )
        found = json_parts(value, self.path + "#", kind, role)
        for part in [part for part in found if levels and _hides_something(part.text)]:
            within = JsonText(part.path, part.text).parts(kind, role, levels - 1)
            found += within if within[:1] and within[0].path != part.path else ()
        return tuple(found)

    def mapped(self, change: Callable[[str], str]) -> str | None:
        """Return the text with every key and string changed; None if it is no JSON."""
        value = self._decoded()
        return None if value is _NOT_JSON else _written(_mapped(value, change))

    def redact(self, redactions: Redactions) -> str:
        """Return the text with the parts named there replaced."""
        value = self._decoded()
        if value is _NOT_JSON:
            escaped, plain = redactions.texts.get(self.path), redactions.texts.get(self.path + "#")
            if plain is None:
                return self.text if escaped is None else escaped
            # A decoder may take it all the same: one that heeds the last of two equal keys.
            return _written(REDACTED) if _decodes(self.text) else plain if escaped is None else REDACTED
        replaced = _written(replace_leaves(value, self.path + "#", redactions))
        as_it_stood = redactions.texts.get(self.path)
        return replaced if as_it_stood is None or says_the_same(as_it_stood, replaced) else REDACTED

    def _decoded(self) -> Any:  # noqa: ANN401 (JSON)
        try:
            value = json.loads(
                self.text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
            )
        except (ValueError, RecursionError):
            return _NOT_JSON
        return _NOT_JSON if nests_deeper(value, MAX_DEPTH) else value


def strings_around(paths: Iterable[str]) -> frozenset[str]:
    """Return the paths of the strings that hold the JSON in which any of these paths leads."""
    return frozenset(path[:i] for path in paths for i, sign in enumerate(path) if sign == "#")


def json_parts(value: Any, path: str, kind: PartKind, role: str) -> list[Part]:  # noqa: ANN401 (JSON)
    """Return every key, string and long number of a JSON value as a part."""
    found: list[Part] = []
    _walk(value, path, kind, role, found)
    return found


def replace_leaves(value: Any, path: str, redactions: Redactions) -> Any:  # noqa: ANN401 (JSON)
    """Return a copy of a JSON value in which every leaf and key named in `redactions` has its new text."""
    if isinstance(value, dict):
        return replace_members(value, path, redactions)
    if isinstance(value, list):
        return [replace_leaves(item, f"{path}[{i}]", redactions) for i, item in enumerate(value)]
    if isinstance(value, str) and path in redactions.inside:
        return _redacted_inside(path, value, redactions)
    return redactions.texts.get(path, value) if isinstance(value, str) or is_long_number(value) else value


def _redacted_inside(path: str, value: str, redactions: Redactions) -> str:
    """Return a string with what is inside of it replaced: a document in a `data:` URL, or JSON."""
    if path.rpartition(".")[2] in MEDIA_KEYS:
        new = redacted_data_url(value, redactions.texts.get(path + "#", ""))
        if new is not None:
            return new
    return JsonText(path, value).redact(redactions)


def replace_members(value: dict[str, Any], path: str, redactions: Redactions) -> dict[str, Any]:
    """Return a copy of an object with its keys and leaves replaced; equal new keys stay apart.

    A model's signed thought that is changed loses its signature: its vendor would refuse it as forged, and
    takes a turn without any.
    """
    replaced: dict[str, Any] = {}
    names = UniqueNames("_")
    for key, item in value.items():
        place = member_path(path, key)
        name = names.add(redactions.texts.get(key_path(place), key))
        replaced[name] = replace_leaves(item, place, redactions)
    if value.get("type") in _SIGNED and replaced != value:
        replaced.pop("signature", None)
    return replaced


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


def nests_deeper(value: object, max_depth: int) -> bool:
    """Whether a JSON value has more levels of arrays and objects than this. Uses no recursion."""
    level = [value]
    for _ in range(max_depth + 1):
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


_NOT_JSON = object()


def _written(value: Any) -> str:  # noqa: ANN401 (JSON)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _decodes(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _mapped(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    names = UniqueNames("_")
    return {names.add(change(key)): _mapped(item, change) for key, item in value.items()}


def _hides_something(text: str) -> bool:
    """Whether a leaf that is JSON may say more than it shows, or has a number to be replaced."""
    return text.lstrip()[:1] in {"{", "["} and ("\\" in text or _LONG_DIGITS.search(text) is not None)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")


def _finite(digits: str) -> float:
    """Decode a number; one that no double can hold cannot be written back."""
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits} is beyond a double")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return found


def _walk(value: Any, path: str, kind: PartKind, role: str, found: list[Part]) -> None:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        if value:
            found.append(Part(path, value, kind, role))
    elif isinstance(value, dict):
        for key, item in value.items():
            place = member_path(path, key)
            found.append(Part(key_path(place), key, kind, role))
            _walk(item, place, kind, role, found)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _walk(item, f"{path}[{i}]", kind, role, found)
    elif is_long_number(value):
        found.append(Part(path, number_text(value), kind, role))
