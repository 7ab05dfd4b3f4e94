"""The endpoint: one address that a remote check asks in JSON, and answers that must have the right shape.

The address, its key and its headers are the operator's; nothing that a caller sends is part of any of them.
What a service answers is as foreign as what callers send: it is decoded into the type that the check names,
and whatever does not fit is an `UnsoundAnswer`, whose words hold nothing of it.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec

from guardrails.asking import scannable
from guardrails.decoding import ConfigError
from guardrails.remote.service import Reply, Request, Send, ServiceRefused, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, section 5.6.2)."""
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
"""Visible ASCII, blanks in between (RFC 9110, section 5.5)."""

_Answer = TypeVar("_Answer")


class Endpoint:
    """An address that is asked by POST.

    Args:
        settings: where, and who we are there.
        path: of the configuration, for errors.
        send: brings the question there.
        route: behind the configured address: `/moderations`. An address that ends with it already is taken
            as it is.
        key_header: what carries `api_key`.
        key_prefix: before it.
        aws: what requests are signed for, as in `Request.aws`.

    Raises:
        ConfigError: the address cannot be asked, or a header cannot be sent.
    """

    def __init__(  # noqa: PLR0913 (what a request is made of)
        self,
        settings: ServiceSettings,
        path: str,
        send: Send,
        *,
        route: str = "",
        key_header: str = "authorization",
        key_prefix: str = "Bearer ",
        aws: tuple[str, str] | None = None,
    ) -> None:
        self._url = _address(settings.url, f"{path}.url", route)
        self._send = send
        self._aws = aws
        self.headers = {"content-type": "application/json", "accept": "application/json"}
        """Of every request, names in small letters; they hold secrets."""
        if settings.api_key is not None:
            self.headers[key_header] = _sendable(key_prefix + settings.api_key, f"{path}.api_key")
        for name, value in settings.headers.items():
            if not _NAME.fullmatch(name):
                raise ConfigError(f"{path}.headers", f"{name[:64]!r} is no name of a header")
            self.headers[name.lower()] = _sendable(value, f"{path}.headers.{name}")

    async def ask(self, question: object, answer: type[_Answer]) -> _Answer:
        """Return what the service answers to a question.

        Args:
            question: becomes the JSON of the request.
            answer: the type of what must come back; unknown fields are ignored.

        Raises:
            ServiceError: it could not be asked, refused, or answered something else.
        """
        return await self.ask_bytes(encoded(question), answer)

    async def ask_bytes(
        self, body: bytes, answer: type[_Answer], headers: Mapping[str, str] = MappingProxyType({})
    ) -> _Answer:
        """Return what the service answers to a body that is complete, with these headers more.

        Raises:
            ServiceError: as `ask`.
        """
        return decoded((await self.tell(body, headers)).body, answer)

    async def tell(self, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
        """Send a body that is complete, and return the reply if it is a success, whatever it holds.

        Raises:
            ServiceError: it could not be sent, or was refused.
        """
        reply = await self._send(Request(self._url, body, {**self.headers, **headers}, aws=self._aws))
        if not 200 <= reply.status <= 299:  # noqa: PLR2004 (HTTP)
            raise ServiceRefused(reply.status)
        return reply


def encoded(question: object) -> bytes:
    """Return the JSON of a question; lone surrogates, which it cannot hold, as U+FFFD."""
    try:
        return msgspec.json.encode(question)
    except UnicodeEncodeError:
        plain = json.dumps(msgspec.to_builtins(question), ensure_ascii=False)
        return scannable(plain).encode()


def decoded(body: bytes, answer: type[_Answer]) -> _Answer:
    """Return an answer of this type.

    Raises:
        UnsoundAnswer: it is none.
    """
    try:
        return msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnsoundAnswer("is not of the shape that was asked for") from None


def _address(text: str, path: str, route: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ConfigError(path, "is no URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ConfigError(path, "must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(path, "must not hold credentials; use api_key or headers")
    if parts.fragment or not text.isascii() or any(character.isspace() for character in text):
        raise ConfigError(path, "must be ASCII without spaces and without a fragment")
    steps = parts.path.rstrip("/") if route else parts.path
    if route and not steps.endswith(route):
        steps += route
    return urlunsplit(parts._replace(path=steps or "/"))


def _sendable(value: str, path: str) -> str:
    if not _VALUE.fullmatch(value):
        raise ConfigError(path, "cannot be sent as a header: it is empty, or holds other than visible ASCII")
    return value
