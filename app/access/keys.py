"""Gateway keys: who is calling.

A key is `hr-` and 43 characters that hold 256 random bits. Only its SHA-256 is kept. That needs no salt
and no slow hash: nobody can guess 256 bits, and nothing but the digest is ever looked up, in full. The
callers of a service without keys are all anonymous; such a service listens on loopback only
(`app/configuration/rules.py`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from app.domain.errors import Unauthenticated
from app.domain.exchange import ANONYMOUS, Caller
from app.settings import KeySettings

_PREFIX = "hr-"
"""Makes a key that leaked into a repository or a log easy to find."""
_KEY_BYTES = 32
_NO_KEY = frozenset({b"", b"OPENAI_API_KEY"})
"""What stands in a header for no key: Portkey's SDK sends the literal `OPENAI_API_KEY` as bearer and an
empty `x-portkey-api-key` if it was given none (portkey_ai 2.3)."""
_NO_PROVIDERS_KEY = frozenset(
    "none null undefined dummy fake empty unused placeholder not-needed not-used no-key x xxx - test"
    " your-api-key your_api_key sk-dummy sk-xxx api-key portkey".split()
)
"""What people write where an SDK insists on a key and the gateway has it, in lower case."""
_PROVIDERS_PLACES = (b"authorization", b"x-api-key")
_HOW = "Send one as `Authorization: Bearer hr-...` or as `x-portkey-api-key: hr-...`."

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI has them: names in lower case, both sides bytes that may be anything."""


def new_key() -> str:
    """Return a fresh key. It is shown once and kept nowhere."""
    return _PREFIX + secrets.token_urlsafe(_KEY_BYTES)


def key_hash(key: str) -> str:
    """Return what the configuration keeps of a key: `sha256:` and 64 hex digits."""
    return f"sha256:{_digest(key.encode())}"


class Keyring:
    """The configured keys.

    Args:
        keys: by name.
    """

    def __init__(self, keys: Mapping[str, KeySettings]) -> None:
        self._keys: dict[str, tuple[str, Caller]] = {}
        for name, key in keys.items():
            digest = key.hash.removeprefix("sha256:")
            self._keys[digest] = (
                digest,
                Caller(
                    name=name,
                    guardrails=key.guardrails,
                    config=key.config,
                    proxy=key.proxy,
                    content=key.content or "full",
                    admin=key.admin,
                ),
            )

    def caller(self, headers: Headers) -> Caller:
        """Return who sent these headers.

        One known key is enough: callers of Portkey's SDK send their key for the gateway in
        `x-portkey-api-key` and may send one that is meant for a provider as bearer.

        Raises:
            Unauthenticated: there are keys, and these headers hold none of them. It never holds what was
            sent.
        """
        if not self._keys:
            return ANONYMOUS
        message = "A gateway key is needed."
        for key in _sent(headers, b"x-portkey-api-key", b"authorization"):
            if (caller := self._owner(key)) is not None:
                return caller
            message = "This gateway key is not known here."
        raise Unauthenticated(f"{message} {_HOW}")

    def providers_key(self, headers: Headers) -> str | None:
        """Return what a caller sent as a key for a provider: a bearer, or Anthropic's `x-api-key`.

        It is neither a gateway key, known here or not, nor one of the words that SDKs and their users put
        where a key must stand.
        """
        for key in _sent(headers, *_PROVIDERS_PLACES):
            text = key.decode("latin-1")
            if (
                text.lower() not in _NO_PROVIDERS_KEY
                and not text.startswith(_PREFIX)
                and not self._owner(key)
            ):
                return text
        return None

    def _owner(self, key: bytes) -> Caller | None:
        """Return whose key it is. What is looked up is the digest, so time tells nothing about a key."""
        digest = _digest(key)
        if (found := self._keys.get(digest)) is None:
            return None
        known, caller = found
        return caller if hmac.compare_digest(known, digest) else None


def _sent(headers: Headers, *places: bytes) -> list[bytes]:
    """Return the keys in the headers of these names, in that order; `bearer` in any case (RFC 9110, 11.1)."""
    found: dict[bytes, list[bytes]] = {name: [] for name in places}
    for name, value in headers:
        if name not in found:
            continue
        key = value.strip()
        if name == b"authorization":
            scheme, _, key = key.partition(b" ")
            if scheme.lower() != b"bearer":
                continue
        found[name].append(key.strip())
    return [key for keys in found.values() for key in keys if key not in _NO_KEY]


def _digest(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()
