"""What became of one attempt at a target, as far as it matters for what is tried next.

Told in HTTP statuses because configs are written in them, those of guardrails included: 246 for an answer
that a guardrail only complains about, 446 for a denial (Portkey's).
"""

import msgspec

FLAGGED = 246
DENIED = 446


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended. What is not said is as for an answer that went well."""

    status: int = 200
    """That the caller would get if nothing more were tried. Of a timeout it is Portkey's 408 where the caller
    or a config gave the time, else 504."""
    code: str | None = None
    """The word for an error; nothing is decided by it."""
    retryable: bool | None = None
    """Whether the same request may succeed later, where that is known; None: as its status says."""
    retry_after_s: float | None = None
    """What the provider asked to wait."""
    began: bool = False
    """Whether something of the answer has been released: then nothing may follow."""
    is_unreachable: bool = False
    """Whether no connection could be made, so that the status is ours and not the provider's."""
    is_unsupported: bool = False
    """Whether the target cannot be asked this at all: nothing was sent, another target may do."""
    denied_at: str | None = None
    """Path of the node whose guardrail denied the *input*: all below it would be denied the same. None for a
    denial of the output, which another attempt may pass. A guardrail that no node of the config brings is
    that of the root."""

    @property
    def ok(self) -> bool:
        """Whether the caller gets an answer."""
        return 200 <= self.status < 300  # noqa: PLR2004 (RFC 9110, 15.3)


OK = Outcome()
