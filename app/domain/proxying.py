"""What a key may send past everything that reads: paths below `/v1`, passed on to a provider as they come.

No guardrail can read what goes there: the bodies are files, sound, images, or the JSON of an API that
nobody here knows. So a key says by name which paths it may use; nothing else is passed on. A path is taken
literally, letter by letter: what two readers could understand differently (escapes, dots, doubled slashes)
is none.
"""

import re
from typing import Annotated

import msgspec

PREFIX = "/v1/"
_CLEAN = re.compile(r"/v1(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~:@$+,=-]+)+")
"""Steps of a path that need no escapes, and of which none leads up (RFC 3986, 3.3 and 5.2.4)."""


ProxyPath = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^/v1(/([A-Za-z0-9_~:@$+,=-][A-Za-z0-9._~:@$+,=-]*|\*))+(/\*\*)?\Z|^/v1/\*\*\Z",
        description="a path below /v1, as /v1/files, /v1/files/* or /v1/files/**",
    ),
]


class ProxyGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one key may pass on; as it stands in `keys.*.proxy`."""

    paths: Annotated[tuple[ProxyPath, ...], msgspec.Meta(min_length=1)]
    """As `/v1/files`; `*` stands for one step, `/**` at the end for any number of them: `/v1/files/**`."""
    unscreened: bool = False
    """Whether also where a guardrail that acts applies to the key, and would have to hear what is said."""

    def allows(self, path: str) -> bool:
        """Whether a path is one of these."""
        return is_clean(path) and any(_pattern(one).fullmatch(path) for one in self.paths)


def is_clean(path: str) -> bool:
    """Whether a path can be understood in one way only."""
    return _CLEAN.fullmatch(path) is not None


def _pattern(path: str) -> re.Pattern[str]:
    """Return what matches the paths of a pattern; `re` remembers it."""
    body, rest = (path.removesuffix("/**"), "(?:/.+)?") if path.endswith("/**") else (path, "")
    return re.compile(
        "/".join("[^/]+" if step == "*" else re.escape(step) for step in body.split("/")) + rest
    )


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A request to pass on."""

    method: str
    path: str
    """Below a base URL, with its query."""
    headers: dict[str, str]
    """In lower case: those that may go on."""
    body: bytes


class PassedHead(msgspec.Struct, frozen=True):
    """The head of an answer that is passed back; pieces of its body follow."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """All, in lower case."""
