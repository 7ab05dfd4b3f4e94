"""A request has a good token, or a finding."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from guardrails import Action, Engine, Part
from guardrails.check import Remark, Subject
from guardrails.config import ConfigError
from guardrails.conversation import Conversation
from guardrails.portkey.tokens import Jwt, JwtConfig, json_web_token
from guardrails.remote.service import Reply, Request, ServiceRefused, Services, UnsoundAnswer
from guardrails.verdict import Side
from tests.guardrails.planted import policy
from tests.guardrails.remote.asked import KEY

URL = "https://issuer.example/jwks.json"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
NOW = 1_700_000_000
UNSIGNED = jwt.encode({"iat": NOW}, "", "none", headers={"kid": "rsa"})


class Issuer:
    """Publishes keys, and counts how often they are read."""

    def __init__(self, status: int = 200, body: bytes | None = None) -> None:
        self.keys: dict[str, str] = {"rsa": RSAAlgorithm.to_jwk(RSA.public_key())}
        self.status = status
        self.body = body
        self.reads = 0

    async def send(self, request: Request) -> Reply:
        assert (request.url, request.method, request.body) == (URL, "GET", b"")
        self.reads += 1
        keys = [json.loads(key) | {"kid": name} for name, key in self.keys.items()]
        return Reply(self.status, self.body or json.dumps({"keys": keys}).encode())

    def check(self, **config: Any) -> Jwt:
        self.now = float(NOW)
        decoded = JwtConfig(jwks_uri=URL, **config)
        return Jwt(decoded, "p", Services(self.send, _nobody, KEY), lambda: self.now)


async def _nobody(model: str, body: Mapping[str, Any]) -> Any:
    raise AssertionError("no model is asked")


def token(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "rsa", **claims: Any) -> str:
    return jwt.encode({"iat": NOW} | claims, key, algorithm, headers={"kid": kid} if kid else {})


def forged_with_the_public_key() -> str:
    """Return a token whose shared secret is what everybody can read (CVE-2016-10555)."""
    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_encoded({'alg': 'HS256', 'kid': 'rsa'})}.{_encoded({'iat': NOW})}".encode()
    signature = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def request(header: str | None) -> Subject:
    headers = {} if header is None else {"authorization": header}
    return Subject(Side.INPUT, Conversation(headers=headers))


async def good(check: Jwt, header: str | None) -> bool:
    remarks = await check.consider(request(header))
    assert remarks in ((), (Remark("jwt", "headers.authorization"),))
    return not remarks


async def test_a_token_of_a_known_key_is_good() -> None:
    check = Issuer().check()
    assert await good(check, f"Bearer {token()}")
    assert await good(check, token(exp=NOW + 1))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 6},
        {"exp": "soon"},
        {"iat": NOW + 6},
        {"iat": NOW - 86_406},
        {"iat": "now"},
        {"iat": True},
        {"nbf": NOW + 6},
    ],
)
async def test_a_token_out_of_its_time_is_none(claims: dict[str, Any]) -> None:
    assert not await good(Issuer().check(), token(**claims))


@pytest.mark.parametrize(
    "claims", [{"exp": NOW - 4}, {"iat": NOW + 4}, {"iat": NOW - 86_404}, {"nbf": NOW + 4}]
)
async def test_clocks_may_differ_a_little(claims: dict[str, Any]) -> None:
    assert await good(Issuer().check(), token(**claims))


async def test_whom_a_token_is_for_does_not_matter() -> None:
    assert await good(Issuer().check(), token(aud="somebody", iss="x", sub="y", jti="z"))


@pytest.mark.parametrize("header", [None, "", "Bearer ", "Bearer a.b.c", "nonsense", "Bearer \ud800"])
async def test_what_is_no_token_is_found(header: str | None) -> None:
    assert not await good(Issuer().check(), header)


async def test_a_token_that_is_signed_by_nobody_we_know_is_found() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    check = Issuer().check()
    assert not await good(check, token(other))
    assert not await good(check, token(kid="unknown"))
    assert not await good(check, token(kid=None))
    assert not await good(check, forged_with_the_public_key())
    assert not await good(check, UNSIGNED)
    assert not await good(check, token()[:-4] + "AAAA")
    assert not await good(check, jwt.encode({"exp": NOW + 9}, RSA, "RS256", headers={"kid": "rsa"}))


async def test_keys_are_read_once_and_again_for_one_that_is_new() -> None:
    issuer = Issuer()
    check = issuer.check(cache_max_age=100)
    assert await good(check, token())
    assert await good(check, token())
    assert issuer.reads == 1
    issuer.keys["ec"] = ECAlgorithm.to_jwk(EC.public_key())
    assert not await good(check, token(EC, "ES256", "ec")), "read a moment ago"
    issuer.now += 11
    assert await good(check, token(EC, "ES256", "ec"))
    assert not await good(check, token(EC, "ES256", "made-up"))
    assert issuer.reads == 2
    issuer.now += 101
    assert await good(check, token())
    assert issuer.reads == 3


@pytest.mark.parametrize(
    ("issuer", "error"),
    [
        (Issuer(status=500), ServiceRefused),
        (Issuer(body=b"not json"), UnsoundAnswer),
        (Issuer(body=b"[]"), UnsoundAnswer),
        (Issuer(body=b"\xff"), UnsoundAnswer),
        (Issuer(body=b'{"keys": []}'), UnsoundAnswer),
    ],
)
async def test_keys_that_cannot_be_had_are_an_error(issuer: Issuer, error: type[Exception]) -> None:
    with pytest.raises(error):
        await issuer.check().consider(request(token()))


async def test_an_engine_blocks_what_has_no_token_and_knows_which_header_it_reads() -> None:
    check = Issuer().check(header_key="X-Caller-Token")
    engine = Engine([policy(check, action=Action.BLOCK)], KEY)
    assert engine.headers == {"x-caller-token"}
    parts = [Part("messages[0].content", "Hello")]
    denied = await engine.screen(parts, Conversation(headers={}))
    assert denied.blocked is not None
    passed = await engine.screen(parts, Conversation(headers={"x-caller-token": token()}))
    assert passed.blocked is None


@pytest.mark.parametrize(
    "config",
    [{}, {"jwksUri": "file:///etc"}, {"jwksUri": URL, "maxTokenAge": "long"}, {"jwksUri": URL, "a": 1}],
)
def test_a_mistake_is_named_when_it_is_loaded(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^p"):
        json_web_token(config, "p", Services(Issuer().send, _nobody, KEY))
