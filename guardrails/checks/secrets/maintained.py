r"""The rules that others maintain: the engine of `kingfisher-secret-scanner`, 488 of them, in Rust.

They know some three hundred issuers, half of them by a name beside the value (`TWITCH_KEY: ...`), and are
kept up to date by those who follow the issuers; the rules in `tokens.py` and `contexts.py` are for what these
leave out. The engine has no notion of a text that grows, and some of its rules look as far as
they please. So it never sees a text: it sees *units*, stretches from a word border to the next that no match
may leave, and only those that hold something token-like. Where units begin and end is decided by what stands
in them alone, which makes the findings of two runs add up. What it can not find that way: pairs that stand
apart (an id here, its secret five lines below; such rules are left out), and values whose issuer is named
more than a few words before. Weighed and left: whole lines as units would find little more and hold every
paragraph back until its end.

Loading takes 0.3 to 0.5 s from the engine's own cache on disk and 3 to 8 s without (its automata are compiled
then), and some 45 MB. So it happens once in a process: `load` does it ahead of time, off the event loop, and
until it is done a check waits for it. The cache is in `KF_RULE_CACHE_DIR`, else in the user's cache
directory; where it can not be written, each start takes the longer time. A process writes a file of its own
and renames it, so that two may do so at once.
"""

import re
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol, cast

from guardrails.check import is_break
from guardrails.checks.patterns import SPACE, compiled
from guardrails.checks.secrets.examples import counts_up, is_stand_in_token
from guardrails.checks.secrets.rule import MAX_OPEN_TAIL

NAME = "maintained"
"""Stands for all of these rules in a configuration."""

_VALUE = r"0-9A-Za-z_+/=-"
_MIN_CHARS = 14
"""The shortest secret that a rule knows beside its issuer's name."""

_LETTERS = r"A-Za-z_+/=-"
TRIGGER = rf"[{_VALUE}]{{{_MIN_CHARS // 2}}}[0-9]|[0-9][{_LETTERS}]{{{_MIN_CHARS // 2}}}"
"""Matches wherever something token-like is: so many of these characters in a row, a digit among them. A value
without a digit is not looked at: of 20 random letters and digits that is one in forty. Half of the length is
asked for, and no more digits behind the last: automata that count far multiply with each other."""

_TOKEN = re.compile(rf"(?<![{_VALUE}])[{_VALUE}]{{{_MIN_CHARS},}}")
_DIGIT = re.compile("[0-9]")
"""Python's own patterns, here and below: they are asked place by place, and RE2 would turn the whole text
into bytes, and its offsets back, each time."""

ISSUERS = (
    "abuseipdb adafruit adobe airtable aiven amplitude apollo asana assemblyai bitbucket bitly bitrise "
    "bittrex capella circleci civo clickup cloudflare codecov cohere coinbase configcat confluent "
    "contentful couchbase coveralls crates data.gov databento datadog deepgram discord disqus dnkey "
    "droneci dropbox elevenlabs etsy facebook fal-ai fal_ai falai fastly figma finicity finnhub flickr "
    "freshbooks fullstory gitea gitter gocardless greptile gumroad heroku highnote honeycomb hubspot ibm "
    "influx infomaniak jumpcloud kagi klaviyo kucoin launchdarkly lighton linked-in linked_in linkedin "
    "mailchimp mailgun mapbox mattermost mem0 meraki message-bird message_bird messagebird midtrans "
    "mistral netlify new-relic new-york-times new_relic newrelic ngrok nytimes okta ollama openweather "
    "opsgenie pagerduty pinecone plaid postmark private-ai private_ai privateai pyowm rainforest rapidapi "
    "scaleway scalr sendbird snyk sonar squarespace sslmate sumo telegr telnyx travis twitch twitter "
    "typeform upstage vercel virustotal vultr waka-time waka_time wakatime wandb weatherstack "
    "weightsandbiases woocommerce workos yandex zendesk zoho"
).split()
"""Names beside which the rules expect a value, a few words on. Names that are common words (`box`, `linear`,
`monday`) are not among them, lest prose be held back: beside those a value is found in the same word or right
behind its mark (`LINEAR_KEY: ...`)."""

_GAP = rf"[0-9A-Za-z_.\t -]{{0,24}}[{SPACE}'\"]{{0,3}}"
_ASSIGNS = r"(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)"
_NAMED = rf"(?:{'|'.join(re.escape(issuer) for issuer in ISSUERS)}){_GAP}(?:{_ASSIGNS}[`'\"={SPACE}]{{0,5}})?"
_ASSIGNED = r"[0-9A-Za-z_.-]{1,40}\\?[\"'`]?\]?(?:=>|:=|==?|:)[\"'`]?[ \t]{1,3}"
OPEN_TAIL = rf"(?i:(?:\A|[^A-Za-z])(?:{_NAMED}))|{_ASSIGNED}"
"""Behind which a unit goes on: an issuer's name, or a name and its mark. As every beginning of it that ends
with a break is one too, a border stands where it does whatever came before."""

_OPEN = compiled(rf"(?:{OPEN_TAIL})\z")
_BREAKS = r"[\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_BREAK = re.compile(_BREAKS)
"""The same set as `is_break`, as in `guardrails/window.py`."""
_UP_TO_BREAK = re.compile(f".*{_BREAKS}", re.DOTALL)
"""Ends behind the last break of a stretch."""

_APART = "\n" + "\x02" * 128 + "\n"
"""Between units: no rule reaches from one side to the other. The longest gap that any allows is 64."""

_LEFT_OUT = frozenset(
    {
        "generic-credential-uri",  # `url_password` is ours, and knows examples
        "mongodb-connection-string",
        "curl-auth-header",  # several lines
        "curl-auth-user",
        "kubernetes-secret-yaml",
        "private-key",  # `private_key` is ours, and knows headers and keys that were cut off
        "gcp-application-default-credentials",
        "gcp-service-account",
    }
)
_IDENTIFIER = re.compile(r"-(?:id|url|host|name|username)(?:\.\d+)?\Z")
"""Rules about what is public: client ids are no credentials."""

_BLOB = re.compile(rf"[{_VALUE}]{{64}}")
"""So much more of the same before or behind a match: it is a piece of encoded data, which has everything."""

_FAMILIES = re.compile(r"\A(?:betterleaks\.|kingfisher\.|veles\.secrets/)|\.\d+\Z")


class RulesUnavailable(RuntimeError):
    """The maintained rules cannot be loaded; nothing is looked at with fewer rules than were asked for."""


class _Finding(Protocol):
    """What the engine reports."""

    rule_id: str
    visible: bool
    location: dict[str, int]


class MaintainedRules:
    """The loaded engine; safe to share between threads.

    Raises:
        RulesUnavailable: the package is missing or does not work.
    """

    def __init__(self) -> None:
        try:
            import kingfisher_sdk  # noqa: PLC0415 (36 MB of machine code, for who asks for it)

            rules = kingfisher_sdk.Rules()
            scanner = kingfisher_sdk.Scanner(rules)
            self._names = {
                str(rule["id"]): name
                for rule in rules.metadata()
                if rule["visible"] and (name := _name(rules.detail(rule["id"]))) is not None
            }
        except Exception as error:
            raise RulesUnavailable(
                "the maintained rules of the check `secrets` cannot be loaded "
                f"({type(error).__name__}: {error}); install kingfisher-secret-scanner anew"
            ) from error
        self._scan = scanner.scan
        self.cached = rules.cache_status != "bypassed"
        """Whether the next start will find them compiled."""

    @property
    def names(self) -> frozenset[str]:
        """What findings are called."""
        return frozenset(self._names.values())

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """Return what is found in a run: rule, start and end, in order of the text."""
        places: list[tuple[int, int, int]] = []
        pieces: list[str] = [_APART]
        length = len(_APART)
        for start, end in units(text):
            places.append((length, start, end))
            pieces += (text[start:end], _APART)
            length += end - start + len(_APART)
        if not places:
            return []
        joined = "".join(pieces).replace("\0", "\x02")
        found = cast("Sequence[_Finding]", self._scan(joined))
        spans = [
            (self._names[one.rule_id], one.location["start_offset"], one.location["end_offset"])
            for one in found
            if one.visible and one.rule_id in self._names
        ]
        if not spans:
            return []
        if not joined.isascii():
            spans = _code_points(joined, spans)
        return sorted(_in_text(joined, spans, places), key=lambda span: (span[1], span[2], span[0]))


_LOADING = threading.Lock()


def load() -> MaintainedRules:
    """Return the engine of this process, which is loaded now unless it was before.

    Raises:
        RulesUnavailable: see there.
    """
    with _LOADING:
        return _loaded()


def units(text: str) -> Iterator[tuple[int, int]]:
    """Yield the units of a run that hold something token-like, without the break that ends them."""
    done = 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        if start < done or not _DIGIT.search(text, start, end):
            continue
        start, end = _begin(text, start, done), _end(text, end, done)
        yield start, end
        done = end + 1


@cache
def _loaded() -> MaintainedRules:
    return MaintainedRules()


def _begin(text: str, place: int, done: int) -> int:
    """Return where the unit of this place begins, which is not before `done`."""
    while True:
        start = _word(text, place, done)
        begun = _OPEN.search(text[max(done, start - MAX_OPEN_TAIL) : start]) if start > done else None
        if begun is None:
            return start
        place = max(done, start - MAX_OPEN_TAIL) + begun.start()
        place += is_break(text[place])


def _end(text: str, place: int, done: int) -> int:
    """Return where the break stands that ends the unit of this place."""
    while True:
        found = _BREAK.search(text, place)
        if found is None:
            return len(text)
        end, place = found.span()
        if _OPEN.search(text[max(done, place - MAX_OPEN_TAIL) : place]) is None:
            return end


def _word(text: str, place: int, done: int) -> int:
    found = _UP_TO_BREAK.match(text, done, place)
    return done if found is None else found.end()


def _name(rule: Mapping[str, object]) -> str | None:
    """Return what findings of a rule are called: `github_pat`; None if it is not heard."""
    name = _FAMILIES.sub("", str(rule["id"]))
    if rule["depends_on_rule"] or name in _LEFT_OUT or _IDENTIFIER.search(name):
        return None
    return name.replace("-", "_").replace("/", "_")


def _code_points(text: str, spans: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Turn offsets in the UTF-8 of a text into offsets in the text."""
    data = text.encode()
    place = characters = 0
    known: dict[int, int] = {}
    for offset in sorted({offset for _, start, end in spans for offset in (start, end)}):
        characters += len(data[place:offset].decode(errors="replace"))
        place = known[offset] = offset
        known[offset] = characters
    return [(name, known[start], known[end]) for name, start, end in spans]


def _in_text(
    joined: str, spans: Sequence[tuple[str, int, int]], places: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[str, int, int]]:
    """Yield those that stand within a unit, are no piece of something longer and no example."""
    for name, start, end in spans:
        at, unit_start, unit_end = places[bisect_right(places, (start, len(joined), 0)) - 1]
        if start < at or end - at > unit_end - unit_start:
            continue
        if _continues(joined[start - 1], joined[start]) or _continues(joined[end - 1], joined[end]):
            continue
        if _BLOB.match(joined, start - 64, start) or _BLOB.match(joined, end):
            continue
        if not (is_stand_in_token(value := joined[start:end]) or counts_up(value)):
            yield name, unit_start + start - at, unit_start + end - at


def _continues(one: str, next_one: str) -> bool:
    return one.isascii() and one.isalnum() and next_one.isascii() and next_one.isalnum()
