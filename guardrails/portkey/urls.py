"""Portkey's `validUrls`: somebody is at every address that a text names.

To ask an address that a model wrote is to let it write to whoever is there. So only public addresses are
asked, by a port of the host that sees to it; what stands behind `?` and `#` is not sent; and no more than a
few are tried. With `onlyDNS` names are resolved, and nobody is asked.
"""

import asyncio
import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.decoding import ConfigError, decode
from guardrails.portkey.texts import all_texts, asked_texts
from guardrails.remote.service import Reach, Services

_URL = re.compile(r"https?://[^\s,\"'{}\[\]<>`\\]+")
_CLOSING = ".;:!?)"
"""What ends a sentence, not a URL that ends with it."""
MAX_URLS = 20
"""Different ones tried in a text; with more the verdict is false."""


class ValidUrlsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How addresses are tried."""

    only_dns: bool = msgspec.field(default=False, name="onlyDNS")
    inverted: bool = msgspec.field(default=False, name="not")
    timeout_ms: int = 1_000
    """Filled in by configuration: the guardrail's."""


class ValidUrls:
    """Finds texts that name no address, or one where nobody is; with `not`, one where all are there."""

    kind = "default.validUrls"
    reads: frozenset[Reads] = frozenset({"texts"})

    def __init__(self, config: ValidUrlsConfig, reach: Reach) -> None:
        self._config = config
        self._reach = reach

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        """Return a remark for each text of which the verdict is false."""
        texts = all_texts(subject) if self._config.inverted else asked_texts(subject)
        return [Remark("validUrls", path) for path, text in texts if not await self._holds(text)]

    async def _holds(self, text: str) -> bool:
        urls = {_bare(found[0].rstrip(_CLOSING)) for found in _URL.finditer(text)}
        if not urls:
            return False
        return (len(urls) <= MAX_URLS and await self._all_there(urls)) is not self._config.inverted

    async def _all_there(self, urls: set[str | None]) -> bool:
        if None in urls:
            return False
        tried = [self._reach(url, resolve_only=self._config.only_dns) for url in urls if url is not None]
        return all(await asyncio.gather(*tried))


def valid_urls(config: object, path: str, services: Services) -> ValidUrls:
    """Build `default.validUrls`.

    Raises:
        ConfigError: the host lets nobody try addresses.
    """
    decoded = decode(ValidUrlsConfig, config, path)
    if services.reach is None:
        raise ConfigError(path, "tries addresses, and the host lets nobody do that")
    return ValidUrls(decoded, services.reach)


def _bare(url: str) -> str | None:
    """Return a URL without query and fragment; None where it is none."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) if has_host else None
