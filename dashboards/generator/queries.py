"""Questions to Prometheus, made of the instruments: a name or a label that there is not fails here."""

from collections.abc import Mapping, Sequence

from telemetry.instruments import Instrument, prometheus_label

WINDOW = "$__rate_interval"
"""Grafana's: at least four scrapes (grafana.com/docs/grafana/latest/datasources/prometheus, 2026-12)."""

Where = Mapping[str, str]
"""Labels, and what they must be: `x`, `!=x` or `=~x`."""


def rate(one: Instrument, by: Sequence[str] = (), where: Where | None = None, window: str = WINDOW) -> str:
    """Return how often a second; of a histogram: how often something was measured."""
    name = f"{one.prometheus_name}_count" if one.kind == "histogram" else one.prometheus_name
    return _summed(f"rate({name}{_selected(one, where)}[{window}])", one, by)


def increase(
    one: Instrument, by: Sequence[str] = (), where: Where | None = None, window: str = WINDOW
) -> str:
    """Return how much was added; of a histogram: to its sum."""
    name = f"{one.prometheus_name}_sum" if one.kind == "histogram" else one.prometheus_name
    return _summed(f"increase({name}{_selected(one, where)}[{window}])", one, by)


def happened(one: Instrument, by: Sequence[str], where: Where | None = None, window: str = WINDOW) -> str:
    """Return where something was counted lately, also for the first time.

    A series begins with what happened first, and to `increase` a beginning is no change. So one that is not
    as old as the window counts too, if its process was asked then: else it is Prometheus that is new.
    """
    name = f"{one.prometheus_name}{_selected(one, where)}"
    new = f"({name} unless {name} offset {window}) and on (job, instance) (up offset {window} == 1)"
    return f"({increase(one, by, where, window)} > 0) or ({_summed(new, one, by)} > 0)"


def spent(one: Instrument, by: Sequence[str] = (), where: Where | None = None, window: str = WINDOW) -> str:
    """Return how much a histogram's sum grows a second: by tokens, by seconds."""
    return _summed(f"rate({one.prometheus_name}_sum{_selected(one, where)}[{window}])", one, by)


def quantile(
    share: float, one: Instrument, by: Sequence[str] = (), where: Where | None = None, window: str = WINDOW
) -> str:
    """Return the value below which this share of what was measured lies."""
    labels = ", ".join(["le", *_labels(one, by)])
    series = f"rate({one.prometheus_name}_bucket{_selected(one, where)}[{window}])"
    return f"histogram_quantile({share}, sum by ({labels}) ({series}))"


def now(one: Instrument, by: Sequence[str] = ()) -> str:
    """Return the value of a gauge: of all replicas together, or the worst where that says more."""
    labels = f" by ({', '.join(_labels(one, by))})" if by else ""
    return f"{one.merge}{labels} ({one.prometheus_name})"


def part(some: str, whole: str) -> str:
    """Return which part of the whole it is: 0 where it did not happen, nothing where the whole did not."""
    return f"(({some}) or ({whole}) * 0) / (({whole}) > 0)"


def top(count: int, query: str) -> str:
    """Return the largest of its series."""
    return f"topk({count}, {query})"


def _summed(series: str, one: Instrument, by: Sequence[str]) -> str:
    return f"sum by ({', '.join(_labels(one, by))}) ({series})" if by else f"sum({series})"


def _selected(one: Instrument, where: Where | None) -> str:
    conditions = []
    for label, value in (where or {}).items():
        (name,) = _labels(one, (label,))
        sign = next((sign for sign in ("!=", "=~") if value.startswith(sign)), "=")
        conditions.append(f'{name}{sign}"{value.removeprefix(sign)}"')
    return "{" + ", ".join(conditions) + "}" if conditions else ""


def _labels(one: Instrument, labels: Sequence[str]) -> list[str]:
    for label in labels:
        if label not in one.labels:
            raise ValueError(f"{one.name} has no label {label}; it has {', '.join(one.labels) or 'none'}")
    return [prometheus_label(label) for label in labels]
