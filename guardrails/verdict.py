"""What a guardrail decided, and the evidence for it. Never a bare bool, never the text itself."""

import enum

import msgspec


class Side(enum.StrEnum):
    """Which way the screened text travels."""

    INPUT = "input"
    OUTPUT = "output"


class Action(enum.StrEnum):
    """What a guardrail does about a finding."""

    BLOCK = "block"
    REDACT = "redact"
    FLAG = "flag"


class Mode(enum.StrEnum):
    """Whether a guardrail acts, or only says what it would have done."""

    ENFORCE = "enforce"
    MONITOR = "monitor"


class OnError(enum.StrEnum):
    """What becomes of an exchange when a check fails or takes too long."""

    BLOCK = "block"
    ALLOW = "allow"


class Decision(enum.StrEnum):
    """What came out: the guardrail's action, taken or (under monitor) only said, or why there is none."""

    PASS = "pass"  # noqa: S105 (a decision, not a password)
    FLAG = "flag"
    REDACT = "redact"
    BLOCK = "block"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True):
    """What was found and where; the value itself is nowhere in it."""

    check: str
    """Kind of the check: `pii`."""
    rule: str
    """What it is: `email`."""
    part: str
    """Path of the part: `messages[1].content`."""
    start: int
    """In code points of the original part."""
    end: int
    score: float
    fingerprint: str
    """Keyed hash of the value (BLAKE2b, 128 bits, hex): equal values can be counted, none can be
    read."""


class Verdict(msgspec.Struct, frozen=True):
    """The decision of one guardrail on one side of one exchange."""

    guardrail: str
    side: Side
    decision: Decision
    action: Action
    mode: Mode
    blocked: bool
    """Whether it ended the exchange: an enforced block, or an error under `on_error: block`."""
    findings: tuple[Finding, ...] = ()
    error: str | None = None
    """Why there is no decision: `timeout`, or the name of the exception; None unless `decision` is
    `error`."""
    started_ns: int = 0
    """When its first check began, Unix time in nanoseconds."""
    duration_ns: int = 0
    """Time spent in its checks. What remote ones were asked at once counts once, waiting for a turn
    included."""
    findings_dropped: int = 0
    """How many findings there were beyond those kept; they were acted upon like the others."""
    complete: bool = True
    """Whether its checks saw all there was in its scope: False where another guardrail's block came first."""
    heard: bool = True
    """Whether there was anything in its scope; if not, it says nothing about this side (no answer came)."""
