"""The `urls` check: hosts that may not be named, and URLs that do more than lead somewhere.

| rule | what was found |
|---|---|
| `denied_host` | a host of `deny` |
| `unlisted_host` | a host that is not in `allow` |
| `unlisted_image` | an image, or anything else that is fetched unasked, from a host that is not in `images` |
| `denied_scheme` | a scheme that is not in `schemes` |
| `private_host` | loopback, private and link-local addresses in any spelling, `.internal`, clouds' metadata |
| `exfiltration` | a URL that carries words away, in clear or encoded (`guardrails/checks/urls/cargo.py`) |
| `script_url` | `javascript:` or `vbscript:` as a destination |
| `data_url` | `data:` as a destination, whose content no list of hosts can judge |
| `userinfo` | `https://good.example@evil.example` |
| `lookalike_host` | letters of another script that read as Latin ones |

A match covers the URL alone, in Markdown and HTML too: with another destination in its place an image shows
nothing and a link leads nowhere, and what is around it stays well formed.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, assert_never, get_args

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.urls import mentions as url_mentions
from guardrails.checks.urls.address import DEFAULT_PORTS, Address
from guardrails.checks.urls.cargo import carries_data
from guardrails.checks.urls.hosts import HostListError, Hosts, is_private, looks_like_another
from guardrails.checks.urls.mentions import Mention, mentions
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_IS_READ

UrlRule = Literal["private_host", "exfiltration", "script_url", "data_url", "userinfo", "lookalike_host"]
"""Rules that need no list."""

_RULES: tuple[UrlRule, ...] = get_args(UrlRule)

_SCRIPTS = frozenset({"javascript", "vbscript"})


class UrlsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lists of hosts, and rules that need none.

    A host stands for itself and all below it; `*.` before it for those below it alone; a scheme before it or
    a port behind it for that alone: `example.com`, `*.example.com`, `https://example.com:8443`.
    """

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] | None = None
    """The only hosts that may be named. No rule but that of `images` is asked about them."""
    images: tuple[str, ...] | None = None
    """The only hosts that what loads unasked may be from; an empty list for none."""
    schemes: tuple[str, ...] | None = None
    """The only schemes, such as `https`."""
    rules: tuple[UrlRule, ...] | None = None
    """Null for all of them where no list is given, and for none of them else."""
    bare_hosts: bool = False
    """Whether `example.com/x` counts, without a scheme: where a path follows or `www.` leads, and hosts of
    `deny` anywhere."""
    max_value_chars: Annotated[int, msgspec.Meta(ge=1)] = 100
    """How long one value in the query of an image may be."""


class UrlsCheck:
    """Finds URLs that break a rule."""

    kind = "urls"
    redactable = True
    views = AS_IT_IS_READ
    openers = url_mentions.OPENERS

    def __init__(self, config: UrlsConfig, path: str) -> None:
        self._deny = _hosts(config.deny, f"{path}.deny")
        self._allow = None if config.allow is None else _hosts(config.allow, f"{path}.allow")
        self._images = None if config.images is None else _hosts(config.images, f"{path}.images")
        self._schemes = None if config.schemes is None else frozenset(map(str.lower, config.schemes))
        lists = (config.deny, config.allow, config.images, config.schemes)
        without_lists = _RULES if lists == ((), None, None, None) else ()
        self._rules = without_lists if config.rules is None else config.rules
        self._bare_hosts = config.bare_hosts
        self._max_value_chars = config.max_value_chars
        self.triggers = (
            (*url_mentions.TRIGGERS, url_mentions.BARE_HOST_TRIGGER)
            if config.bare_hosts
            else url_mentions.TRIGGERS
        )

    def find(self, run: Run) -> Sequence[Match]:
        """Return a match for each rule that a URL breaks."""
        return [
            Match(rule, mention.start, mention.end)
            for mention in mentions(run.text, bare_hosts=self._bare_hosts)
            for rule in self._broken(mention)
        ]

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends inside of a URL, or of an image's words."""
        return url_mentions.in_progress(text)

    def _broken(self, mention: Mention) -> Iterator[str]:
        at = mention.at
        if not mention.has_scheme and not self._is_meant(at):
            return
        if self._schemes is not None and at.scheme and at.scheme not in self._schemes:
            yield "denied_scheme"
        if at.host:
            yield from self._of_host(mention, at)
        elif mention.embedded and at.scheme in _SCRIPTS and "script_url" in self._rules:
            yield "script_url"
        elif mention.embedded and at.scheme == "data" and "data_url" in self._rules:
            yield "data_url"

    def _is_meant(self, at: Address) -> bool:
        """Return whether words with a dot between them are meant as a host: `node.js` is none."""
        return self._deny.has(at) or at.host.startswith("www.") or at.path.startswith("/")

    def _of_host(self, mention: Mention, at: Address) -> Iterator[str]:
        is_allowed = self._allow is not None and self._allow.has(at)
        if self._deny.has(at):
            yield "denied_host"
        if self._allow is not None and not is_allowed:
            yield "unlisted_host"
        if self._images is not None and mention.loads and not self._images.has(at):
            yield "unlisted_image"
        for rule in () if is_allowed else self._rules:
            if self._breaks(rule, mention, at):
                yield rule

    def _breaks(self, rule: UrlRule, mention: Mention, at: Address) -> bool:
        match rule:
            case "private_host":
                return is_private(at)
            case "userinfo":
                return at.has_userinfo and (not at.scheme or at.scheme in DEFAULT_PORTS)
            case "lookalike_host":
                return looks_like_another(at.host)
            case "exfiltration":
                return carries_data(at, loads=mention.loads, max_value_chars=self._max_value_chars)
            case "script_url" | "data_url":
                return False  # these have no host
            case _:
                assert_never(rule)


def build(config: object, path: str) -> UrlsCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the entry of a list that is no host.
    """
    return UrlsCheck(decode(UrlsConfig, config, path), path)


def _hosts(entries: Sequence[str], path: str) -> Hosts:
    for index, entry in enumerate(entries):
        try:
            Hosts([entry])
        except HostListError as error:
            raise ConfigError(f"{path}[{index}]", str(error)) from error
    return Hosts(entries)
