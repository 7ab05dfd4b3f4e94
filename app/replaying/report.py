"""The report of a replay as a document. It holds no text of an exchange: see `samples.py`."""

from typing import Any

import msgspec

from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison, Counts
from guardrails import Side

NOUNS = {Side.INPUT: "request", Side.OUTPUT: "answer", None: "exchange"}
"""What a side is called; None: both."""


def document(name: str, candidate: Candidate, done: Comparison) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "candidate": name,
        "exchanges": done.exchanges,
        "heard": {f"{NOUNS[side]}s": done.heard[side] for side in Side},
        "not_heard": [
            {"what": f"{NOUNS[side]}s", "why": why.value, "exchanges": count}
            for (side, why), count in done.missing.most_common()
        ],
        "recorded_redacted": done.redacted,
        "altered_answers": done.altered,
        "left_out": [{"guardrail": one, "check": kind} for one, kind in candidate.left_out()],
        "totals": {effect.value: counted(counts) for effect, counts in done.totals.items()},
        "checks": [
            {
                "effect": mark.effect,
                "guardrail": mark.guardrail,
                "in_candidate": mark.guardrail in candidate.names,
                "side": mark.side,
                "check": mark.check or None,
                "rule": mark.rule or None,
                **counted(counts),
            }
            for mark, counts in done.rows()
        ],
        "failures": [
            {
                "guardrail": failure.guardrail,
                "side": failure.side,
                "error": failure.error,
                "before": counts.before,
                "now": counts.now,
                "would_have_blocked": done.failures_blocked[failure],
            }
            for failure, counts in sorted(done.failures.items())
        ],
        "samples": [msgspec.to_builtins(one) for one in done.samples],
    }


def counted(counts: Counts) -> dict[str, int]:
    """Return counts as plain values."""
    return {
        "before": counts.before,
        "now": counts.now,
        "new": counts.new,
        "no_longer": counts.gone,
        "same": counts.same,
        "unknown": counts.unknown,
    }
