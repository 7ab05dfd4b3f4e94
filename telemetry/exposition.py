"""Metrics as text, for whoever scrapes them: Prometheus's own format, and OpenMetrics with exemplars.

Sources: "Exposition formats" on prometheus.io (text version 0.0.4), and OpenMetrics 1.0. Which it is, says
`Accept`, as Prometheus sends it where exemplars are wanted.
"""

from collections.abc import Iterator

from telemetry.instruments import INSTRUMENTS, Instrument, prometheus_label
from telemetry.metrics import Exemplar, Labels, Point, Snapshot

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def exposition(snapshot: Snapshot, accept: str) -> tuple[str, str]:
    """Return the text and its content type.

    Args:
        snapshot: what is to be told.
        accept: the header of that name.
    """
    wants = _wants_openmetrics(accept)
    lines = [line for one in INSTRUMENTS for line in _family(one, snapshot.get(one.name, []), exact=wants)]
    if wants:
        lines.append("# EOF")
    return "\n".join(lines) + "\n", OPENMETRICS if wants else PROMETHEUS


def _wants_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics is named with no less weight than plain text, as Prometheus does."""
    weights = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for choice in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in choice.split(";"))
        if kind in weights:
            weights[kind] = max(weights[kind], _weight(parameters))
    wanted = weights["application/openmetrics-text"]
    return wanted > 0 and wanted >= weights["text/plain"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def _family(instrument: Instrument, points: list[Point], *, exact: bool) -> Iterator[str]:
    """Yield the lines of one metric; `exact` is OpenMetrics."""
    if not points:
        return
    name = instrument.prometheus_name
    family = name.removesuffix("_total") if exact else name
    yield f"# HELP {family} {instrument.description.translate(_ESCAPED)}"
    yield f"# TYPE {family} {instrument.kind}"
    if exact and family.endswith(("_seconds", "_bytes")):
        yield f"# UNIT {family} {family.rpartition('_')[2]}"
    for point in points:
        if instrument.kind == "histogram":
            yield from _histogram(instrument, point, exact=exact)
        else:
            yield f"{name}{_labels(instrument, point.labels)} {_number(point.value)}"


def _histogram(instrument: Instrument, point: Point, *, exact: bool) -> Iterator[str]:
    name, so_far = instrument.prometheus_name, 0
    bounds = [*map(repr, instrument.buckets), "+Inf"]
    for bound, count, exemplar in zip(bounds, point.counts, point.exemplars, strict=True):
        so_far += count
        told = _exemplar(exemplar) if exact and exemplar is not None else ""
        yield f"{name}_bucket{_labels(instrument, point.labels, bound)} {so_far}{told}"
    labels = _labels(instrument, point.labels)
    yield f"{name}_sum{labels} {_number(point.value)}"
    yield f"{name}_count{labels} {so_far}"


def _exemplar(exemplar: Exemplar) -> str:
    ids = f'trace_id="{exemplar.trace_id}",span_id="{exemplar.span_id}"'
    return f" # {{{ids}}} {_number(exemplar.value)} {exemplar.time_s:.3f}"


def _labels(instrument: Instrument, labels: Labels, bound: str | None = None) -> str:
    pairs = [
        f'{prometheus_label(key)}="{value.translate(_ESCAPED)}"'
        for key, value in zip(instrument.labels, labels, strict=True)
        if value
    ]
    if bound is not None:
        pairs.append(f'le="{bound}"')
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
