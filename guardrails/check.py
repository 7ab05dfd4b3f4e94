"""The ports of checks: a check finds; it decides nothing.

There are five. Most checks are a `Check`: they look at texts, in this process, and keep the law below. A
`ConversationCheck` becomes one once the conversation is known (a canary, the words of a system prompt). A
`RemoteCheck` asks another service. An `ExchangeCheck` is about no text but about an exchange: its model, its
tools, what stands in all its texts together; a `RemoteExchangeCheck` asks another service about that.

A streamed answer must be judged exactly as the whole text is. So a check never sees chunks. It sees *runs*:
stretches of a text between two *borders*. A border stands directly behind a break (see `is_break`) behind
which no check's match is still open. Whether a position is a border depends on the text to its left alone,
hence a border once found stays one however the text goes on, and every check keeps one law, which is what
makes a stream equal the whole:

    find(left + right) == find(left) + find(right), wherever a border stands between left and right

Three things follow for whoever writes a check. A match may contain a break only if `is_open` is true behind
that break while the match is in progress. What stands before a run must not matter: a break and the start of
the text count the same. And a match must not depend on what follows it, except for the one character behind
it.

The counterpart is `guardrails/window.py`, which cuts a stream into runs.
"""

from collections.abc import Awaitable, Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from guardrails.conversation import Conversation, ToolCall
from guardrails.part import Part
from guardrails.verdict import Side
from guardrails.view import View


class Run(msgspec.Struct, frozen=True):
    """A stretch of one text that stands between two borders, or between a border and the text's end."""

    text: str
    start: int = 0
    """Where it begins in its part, in code points."""
    last: bool = True
    """Whether the part ends with it."""
    name: str = ""
    """Of the part, where the run is all of it."""


class Match(msgspec.Struct, frozen=True):
    """What a check found in a run. It never holds the matched text."""

    rule: str
    """What was found, in one word: `email`, `github_token`; the same word in rows, spans and placeholders."""
    start: int
    """In code points from the start of the run."""
    end: int
    """Exclusive. Equal to `start` where a finding is about a place, not about characters (a text too
    short). Such a place lies before the end of its run, or at the end of the last."""
    score: float = 1.0
    """How sure, 0 to 1; a checksum that holds is 1."""
    replacement: str | None = None
    """What a redaction writes instead; None for the placeholder of the rule, `[EMAIL]`."""
    quotes: bool = False
    """Whether the replacement repeats something of the run. In a view that would be something that nobody
    wrote, so there it is not used."""


@runtime_checkable
class Check(Protocol):
    """Finds in texts, in this process, in time linear in the text."""

    @property
    def kind(self) -> str:
        """The name by which configuration asks for it: `regex`, `pii`."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """RE2 patterns: where none of them matches a run, `find` finds nothing in it. Empty: always ask."""

    @property
    def redactable(self) -> bool:
        """Whether its matches cover the characters to be replaced (a text that is too short has none)."""

    @property
    def views(self) -> frozenset[View]:
        """The views of a text that it is asked about (`guardrails/view.py`)."""

    def find(self, run: Run) -> Sequence[Match]:
        """Return what is in the run, ordered by start. Matches of one check may overlap each other.

        It depends on the run alone: the same run has the same matches today and tomorrow.
        """

    def is_open(self, text: str, start: int) -> bool:
        """Return whether a match begun in `text` may continue behind it.

        Args:
            text: what is held of a part: it starts at a border and ends with a break.
            start: where `text` begins in its part, in code points.
        """


@runtime_checkable
class ConversationCheck(Protocol):
    """A local check that looks for something only the conversation tells."""

    @property
    def kind(self) -> str:
        """As `Check.kind`."""

    @property
    def redactable(self) -> bool:
        """As `Check.redactable`."""

    def of(self, conversation: Conversation) -> Check:
        """Return the check of one exchange. It has no triggers: nothing is compiled for one exchange."""


class Passage(msgspec.Struct, frozen=True):
    """What a remote check is asked about: a stretch of one part."""

    text: str
    part: Part
    """Where it is from; the text in it is the passage's own."""
    start: int = 0
    """Where it begins in its part, in code points."""
    before: str = ""
    """What stands before it in the part: judged already, given so that the passage can be understood."""
    conversation: Conversation = Conversation()


@runtime_checkable
class RemoteCheck(Protocol):
    """Asks another service."""

    @property
    def kind(self) -> str:
        """As `Check.kind`."""

    @property
    def redactable(self) -> bool:
        """As `Check.redactable`."""

    @property
    def unit(self) -> Literal["sentence", "text"]:
        """What it must see at once.

        With `sentence` a part is cut into passages of some sentences, and a stream is released passage by
        passage; with `text` a stream is held until the part has ended.
        """

    def judge(self, passage: Passage) -> Awaitable[Sequence[Match]]:
        """Return what is in the passage, offsets from its start; whatever it raises is an error verdict."""


class Subject(msgspec.Struct, frozen=True):
    """One side of an exchange, for checks that are about all of it."""

    side: Side
    conversation: Conversation
    parts: tuple[Part, ...] = ()
    """Every text of this side; of an answer only where the check reads texts."""
    calls: tuple[ToolCall, ...] = ()
    """The tool calls of this side: of an answer those that are complete by now."""


class Remark(msgspec.Struct, frozen=True):
    """What a check found about an exchange. It never holds a value of it."""

    rule: str
    path: str
    """Where it stands, as callers write it: `model`, `metadata.team`, `tools[1].function.name`."""
    score: float = 1.0


Reads = Literal["request", "calls", "texts"]
"""What of an exchange an `ExchangeCheck` is about: the request's fields, tool calls, or all that is said."""


@runtime_checkable
class ExchangeCheck(Protocol):
    """Finds in exchanges, in this process. An answer is held to its end only for a check that reads texts."""

    @property
    def kind(self) -> str:
        """As `Check.kind`."""

    @property
    def reads(self) -> frozenset[Reads]:
        """What it looks at.

        It is asked once about a request, and about an answer whenever more of that has become complete.
        """

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return what is wrong with this side of the exchange."""


@runtime_checkable
class OneSided(Protocol):
    """A check of any kind that makes sense of one side of an exchange only."""

    @property
    def sides(self) -> frozenset[Side]:
        """Where it may be asked."""


@runtime_checkable
class OpensRarely(Protocol):
    """A local check that says beforehand where none of its matches is in progress.

    `is_open` is asked for every word of a stream. A check that is this too is mostly not, for the patterns of
    all of them are looked for in one pass.
    """

    @property
    def openers(self) -> tuple[str, ...] | None:
        """RE2 patterns: where none matches a text of up to `BRIEF_LENGTH` code points, `is_open` is False.

        Without any it always is; None says nothing.
        """


BRIEF_LENGTH = 64
"""Code points of the longest text that is looked through for `openers`: what is held is a word, mostly. The
patterns for the end of a text look back no farther than that, so none has to say how far it does."""


@runtime_checkable
class ReadsHeaders(Protocol):
    """A check of any kind that reads headers of the request."""

    @property
    def headers(self) -> frozenset[str]:
        """Their names, in small letters: no others are in `Conversation.headers`."""


@runtime_checkable
class RemoteExchangeCheck(Protocol):
    """An `ExchangeCheck` that asks another service: for keys of tokens, or to tell it of the exchange."""

    @property
    def kind(self) -> str:
        """As `Check.kind`."""

    @property
    def reads(self) -> frozenset[Reads]:
        """As `ExchangeCheck.reads`."""

    def consider(self, subject: Subject) -> Awaitable[Sequence[Remark]]:
        """Return what is wrong with this side of the exchange; whatever it raises is an error verdict."""


class Prefix(msgspec.Struct, frozen=True):
    """Words to be written before the first message of a role."""

    text: str
    role: str
    to_existing: bool = True
    """Before what the message says; else as a message of its own, before it. Where there is no message of the
    role there will be one: first, if the role is `system`, else last."""
    only_if_empty: bool = False
    """Only where the message says nothing."""


@runtime_checkable
class Writes(Protocol):
    """What a check is besides that wants something written into requests."""

    @property
    def prefix(self) -> Prefix:
        """What is written, if the guardrail is enforced and nothing blocks the request."""


AnyCheck = Check | ConversationCheck | RemoteCheck | ExchangeCheck | RemoteExchangeCheck


def is_redactable(check: AnyCheck) -> bool:
    """Return whether what a check finds stands in texts, so that it can be replaced there."""
    return not isinstance(check, ExchangeCheck | RemoteExchangeCheck) and check.redactable


def is_break(character: str) -> bool:
    """Return whether a border may stand behind this character.

    White space, and the characters of scripts that write without spaces (CJK ideographs and punctuation,
    kana, Hangul, full-width forms: U+2E80 to U+9FFF, U+AC00 to U+D7AF, U+F900 to U+FAFF, U+FF00 to U+FFEF,
    U+20000 and up): else a Chinese answer would be one word and could not be released before its end.
    """
    return character.isspace() or _is_unspaced(ord(character))


def _is_unspaced(code: int) -> bool:
    if code < 0x2E80:  # noqa: PLR2004 (the first CJK block; most text ends here)
        return False
    return (
        code <= 0x9FFF  # noqa: PLR2004 (see is_break)
        or 0xAC00 <= code <= 0xD7AF  # noqa: PLR2004
        or 0xF900 <= code <= 0xFAFF  # noqa: PLR2004
        or 0xFF00 <= code <= 0xFFEF  # noqa: PLR2004
        or 0x20000 <= code <= 0x3FFFF  # noqa: PLR2004
    )
