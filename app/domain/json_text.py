r"""JSON inside a string: the arguments of a tool call, the answer of a tool.

An e-mail address in `{"to": "a\u0040b.example"}` is invisible to whoever reads the string as it stands. So
such a text is taken apart into the keys and leaves it decodes to, each a part, and a redaction is written
back in a way that leaves valid JSON valid. A leaf's path goes on behind a `#`:
`messages[2].tool_calls[0].function.arguments#.to[0]`.

A leaf may hold JSON again. It is a part as it stands, where a guardrail sees a name and its value together;
where that hides something (an escape) or could not be written back (a number), so is each leaf within. If
both are changed and do not say the same, the whole leaf goes.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from app.domain.data_text import redacted_data_url
from app.domain.json_escapes import says_the_same, unescaped
from app.domain.json_leaves import is_long_number, json_parts, key_path, member_path
from app.domain.json_placeholders import quoted
from app.domain.part_list import PartList
from app.domain.unique_names import UniqueNames
from guardrails.part import Part, PartKind

REDACTED = "[REDACTED]"
MAX_DEPTH = 64
"""JSON that nests deeper is taken for plain text: whoever reads it may give up, and so may we."""
_LEVELS = 4
"""Of JSON in strings in JSON; deeper ones are seen as they stand."""
_LONG_DIGITS = re.compile(r"[0-9]{7}")
_SIGNED = ("thinking", "reasoning.text")
"""Types of thoughts that come with a signature: Anthropic's and OpenRouter's. No set: a `type` may be a list,
as JSON Schema has them."""
MEDIA_KEYS = frozenset({"url", "data", "file_data"})
"""Where the protocol has media."""


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

    def parts(
        self, kind: PartKind, role: str, levels: int = _LEVELS, found: PartList | None = None
    ) -> Sequence[Part]:
        """Return every key and leaf as a part, in `found` behind what is there.

        Text that is no JSON (or says a key twice, of which a decoder shows only the last) is one part as it
        stands; since its escapes still may be decoded by whoever gets it, the text with its escapes decoded
        is a second one.

        Args:
            kind: of the parts.
            role: of the parts.
            levels: how many levels of JSON in strings are taken apart.
            found: takes the parts.

        Raises:
            TooManyTexts: `found` takes no more.
        """
        found = PartList() if found is None else found
        value = self._decoded()
        if value is _NOT_JSON:
            found.append(Part(self.path, self.text, kind, role))
            if "\\" in self.text:
                found.append(Part(self.path + "#", unescaped(self.text), kind, role))
        else:
            self._take_apart(value, kind, role, levels, found)
        return found

    def _take_apart(
        self,
        value: Any,  # noqa: ANN401 (JSON)
        kind: PartKind,
        role: str,
        levels: int,
        found: PartList,
    ) -> None:
        begun = len(found)
        json_parts(value, self.path + "#", kind, role, found)
        for part in [part for part in found[begun:] if levels and _hides_something(part.text)]:
            inner = JsonText(part.path, part.text)
            decoded = inner._decoded()
            if decoded is not _NOT_JSON:
                inner._take_apart(decoded, kind, role, levels - 1, found)

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


def value_of(text: str) -> Any:  # noqa: ANN401 (JSON)
    """Return what JSON says; the text itself where it is none, or none that could be written again."""
    value = JsonText("", text)._decoded()  # noqa: SLF001 (its own)
    return text if value is _NOT_JSON else value


def strings_around(paths: Iterable[str]) -> frozenset[str]:
    """Return the paths of the strings that hold the JSON in which any of these paths leads."""
    return frozenset(path[:i] for path in paths for i, sign in enumerate(path) if sign == "#")


def replace_leaves(value: Any, path: str, redactions: Redactions) -> Any:  # noqa: ANN401 (JSON)
    """Return a copy of a JSON value in which every leaf and key named in `redactions` has its new text."""
    if isinstance(value, dict):
        return replace_members(value, path, redactions)
    if isinstance(value, list):
        return [replace_leaves(item, f"{path}[{i}]", redactions) for i, item in enumerate(value)]
    if isinstance(value, str) and path in redactions.inside:
        return _redacted_inside(path, value, redactions)
    if isinstance(value, str):
        new = redactions.texts.get(path)
        return value if new is None else quoted(new, value)
    return redactions.texts.get(path, value) if is_long_number(value) else value


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
