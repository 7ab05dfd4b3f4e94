"""Portkey's `jwt`: a header holds a token that was signed by a known key and is not too old.

Keys come from a JWKS document (RFC 7517) and are kept; an unknown one makes it be read again, but not more
often than every few seconds, so that made-up tokens cannot make us ask. Only signatures by private keys
count: with a shared secret (HS256) or without any (`none`) everybody who can read the document could sign.

Portkey looks a header up by the case it is configured in, so that the default, `Authorization`, is never
found; here case does not matter. A token that is missing or wrong is a finding; keys that cannot be had are
an error.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import jwt
import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.decoding import ConfigError, decode
from guardrails.remote.service import Request, ServiceRefused, Services, UnsoundAnswer
from guardrails.verdict import Side

_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""RFC 7518, section 3.1, and RFC 8037, without those that share a secret."""
_REREAD_S = 10.0
"""How soon the keys are read again for one that is not among them."""
_UNITS_S: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_OK = 200
_SIGNATURE_ALONE: Any = {
    f"verify_{claim}": False for claim in ("aud", "exp", "iat", "iss", "nbf", "sub", "jti")
}
"""What the library is not to look at: times go by our clock, and whom a token is for is nobody's setting."""


class JwtConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Whose tokens, and where."""

    jwks_uri: str
    header_key: Annotated[str, msgspec.Meta(min_length=1)] = "Authorization"
    cache_max_age: Annotated[float, msgspec.Meta(gt=0)] = 86_400
    """How long keys are kept, in seconds."""
    clock_tolerance: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 5
    """In seconds."""
    max_token_age: Annotated[str, msgspec.Meta(pattern=r"^\d{1,6} ?[smhdw]\Z")] = "1d"  # noqa: S105 (a time)
    """Since it was issued: a number and a unit, `30m`, `12h`, `1d`."""
    timeout_ms: int = msgspec.field(default=1_000, name="timeout_ms")
    """Filled in by configuration: the guardrail's."""


class Jwt:
    """Finds requests without a good token.

    Args:
        config: whose tokens, and where.
        path: of the configuration, for errors.
        services: how the keys are had.
        clock: Unix time in seconds.
    """

    kind = "default.jwt"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(
        self, config: JwtConfig, path: str, services: Services, clock: Callable[[], float] = time.time
    ) -> None:
        if not config.jwks_uri.startswith(("https://", "http://")):
            raise ConfigError(f"{path}.jwksUri", "must begin with http:// or https://")
        self._header = config.header_key.lower()
        self.headers = frozenset({self._header})
        self._keys = _Keys(config, services, clock)
        self._tolerance_s = config.clock_tolerance
        self._max_age_s = int(config.max_token_age[:-1]) * _UNITS_S[config.max_token_age[-1]]
        self._clock = clock

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        """Return a remark where the token is missing or no good.

        Raises:
            ServiceError: the keys cannot be had.
        """
        if subject.side is not Side.INPUT:
            return ()
        token = subject.conversation.headers.get(self._header, "").removeprefix("Bearer ").strip()
        return () if await self._is_good(token) else (Remark("jwt", f"headers.{self._header}"),)

    async def _is_good(self, token: str) -> bool:
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError):
            return False
        key = await self._keys.key(head.get("kid"))
        if key is None or head.get("alg") not in _ALGORITHMS:
            return False
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(_ALGORITHMS),
                options=_SIGNATURE_ALONE,
            )
        except (jwt.InvalidTokenError, TypeError, ValueError):
            return False
        return self._is_current(claims)

    def _is_current(self, claims: Mapping[str, Any]) -> bool:
        now, spare = self._clock(), self._tolerance_s
        issued, expires, begins = (_seconds(claims.get(name)) for name in ("iat", "exp", "nbf"))
        if issued is None or issued > now + spare or now - issued > self._max_age_s + spare:
            return False
        if "exp" in claims and (expires is None or expires <= now - spare):
            return False
        return "nbf" not in claims or (begins is not None and begins <= now + spare)


def json_web_token(config: object, path: str, services: Services) -> Jwt:
    """Build `default.jwt`."""
    return Jwt(decode(JwtConfig, config, path), path, services)


class _Keys:
    """Keys by their ids, as the document says."""

    def __init__(self, config: JwtConfig, services: Services, clock: Callable[[], float]) -> None:
        self._url = config.jwks_uri
        self._max_age_s = config.cache_max_age
        self._services = services
        self._clock = clock
        self._keys: dict[object, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def key(self, name: object) -> jwt.PyJWK | None:
        if not self._is_due(name):
            return self._keys.get(name)
        async with self._reading:
            if self._is_due(name):
                await self._read()
        return self._keys.get(name)

    def _is_due(self, name: object) -> bool:
        if self._read_at is None:
            return True
        age_s = self._clock() - self._read_at
        return age_s > self._max_age_s or (name not in self._keys and age_s > _REREAD_S)

    async def _read(self) -> None:
        reply = await self._services.send(
            Request(self._url, b"", {"accept": "application/json"}, method="GET")
        )
        if reply.status != _OK:
            raise ServiceRefused(reply.status)
        try:
            keys = jwt.PyJWKSet.from_json(reply.body.decode()).keys
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            raise UnsoundAnswer("is no set of keys") from None
        self._keys = {key.key_id: key for key in keys}
        self._read_at = self._clock()


def _seconds(claim: object) -> float | None:
    return float(claim) if isinstance(claim, int | float) and not isinstance(claim, bool) else None
