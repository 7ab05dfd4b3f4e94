"""The panels over time: how exchanges ended, how long they took, and the shares that were held back."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.picture import style
from dashboards.picture.facts import Facts, Times

_DAY_S = 86_400
_LOCATOR: Any = AutoDateLocator
_FORMATTER: Any = ConciseDateFormatter
"""matplotlib gives these two no types."""
_FAULTS = ("upstream_error", "failed", "interrupted")


def outcomes(axes: Axes, facts: Facts) -> None:
    """Draw how many exchanges ended how, stacked."""
    style.head(axes, "How exchanges ended", f"exchanges per {facts.buckets.width}  ·  exchange_facts")
    below = [0] * facts.buckets.count
    width = facts.buckets.width_s / _DAY_S
    for outcome, colour in style.OUTCOMES.items():
        counts = facts.outcomes.get(outcome)
        if counts is not None:
            label = f"{outcome.replace('_', ' ')} {sum(counts):,}"
            axes.bar(
                _starts(facts),
                counts,
                0.86 * width,
                below,
                align="edge",
                color=colour,
                label=label,
                linewidth=0,
            )
            below = [sum(both) for both in zip(below, counts, strict=True)]
    axes.set_ylim(0, 1.08 * max(below))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    _time(axes, facts)
    style.legend(axes)


def latency(axes: Axes, facts: Facts) -> None:
    """Draw how long exchanges took, and how much of that was not waiting for a provider."""
    says = (
        f"ms, per {facts.buckets.width}; {facts.own_share:.1%} of all time is Handrail's  ·  exchange_facts"
    )
    style.head(axes, "How long they took", says)
    lines = (
        ("the exchange, p95", style.BLUE, "-", [_of(one, "whole_p95") for one in facts.times]),
        ("p50", style.BLUE, ":", [_of(one, "whole_p50") for one in facts.times]),
        ("guardrails and gateway in it, p95", style.RED, "-", [_of(one, "own_p95") for one in facts.times]),
        ("p50 of it", style.RED, ":", [_of(one, "own_p50") for one in facts.times]),
    )
    for label, colour, kind, values in lines:
        axes.plot(_middles(facts), values, kind, color=colour, label=label, linewidth=1.8)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:,.10g}"))
    _time(axes, facts)
    style.legend(axes, columns=2, handle=1.8)


def shares(axes: Axes, facts: Facts) -> None:
    """Draw which share of exchanges was blocked, redacted, or failed."""
    style.head(
        axes,
        "What was held back",
        f"% of exchanges, per {facts.buckets.width}  ·  exchange_facts, redactions",
    )
    for label, colour, counts in (
        ("something redacted", style.BLUE, facts.redacted),
        ("blocked", style.RED, _together(facts, ("blocked_input", "blocked_output"))),
        ("failed", style.PINK, _together(facts, _FAULTS)),
    ):
        share = sum(counts) / sum(facts.exchanges)
        values = [
            100 * some / all_ if all_ else None for some, all_ in zip(counts, facts.exchanges, strict=True)
        ]
        axes.plot(_middles(facts), _gaps(values), color=colour, label=f"{label} {share:.1%}", linewidth=1.8)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    _time(axes, facts)
    style.legend(axes, columns=3, handle=1.8)


def _of(times: Times | None, name: str) -> float:
    return float("nan") if times is None else max(getattr(times, name), 0.01)


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _together(facts: Facts, outcomes_: Sequence[str]) -> list[int]:
    none = [0] * facts.buckets.count
    counts = [facts.outcomes.get(outcome, none) for outcome in outcomes_]
    return [sum(one) for one in zip(*counts, strict=True)]


def _starts(facts: Facts) -> list[float]:
    """Return when buckets begin as matplotlib counts: days since 1970."""
    return [start.timestamp() / _DAY_S for start in facts.buckets.starts]


def _middles(facts: Facts) -> list[float]:
    half = facts.buckets.width_s / _DAY_S / 2
    return [start + half for start in _starts(facts)]


def _time(axes: Axes, facts: Facts) -> None:
    starts = _starts(facts)
    axes.set_xlim(starts[0], starts[-1] + facts.buckets.width_s / _DAY_S)
    locator = _LOCATOR(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    formatter = _FORMATTER(locator, show_offset=False)
    formatter.formats[5] = formatter.zero_formats[5] = "%H:%M:%S"
    axes.xaxis.set_major_formatter(formatter)
    axes.grid(visible=False, axis="x")
