"""The metrics of one process: plain counters, folded into once an exchange, read by whoever exports them.

Not the SDK's instruments: what an exchange counts would take 100 us by them, as much as all its spans, and
takes 12 us here (`tests/bench/metrics_cost.py`). Nor prometheus_client: its multi-process mode knows no
exemplars and says nothing to OTLP. What there is here is a dictionary for each metric, from the values of its
labels to a number or to buckets. What would change our mind: bound instruments in the SDK.

`add` and `record` are for one thread, the event loop's; `collect` may be called by any other.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

import msgspec

from telemetry.instruments import BY_NAME, INSTRUMENTS, SERIES_REFUSED, SOURCES_FAILED, Instrument

MAX_SERIES = 1000
"""Of one metric in one process. Further ones count as one whose labels all say `OTHER`."""
OTHER = "other"

Labels = tuple[str, ...]
"""In the order of `Instrument.labels`; an empty one is as if it were not there."""


class Exemplar(msgspec.Struct, frozen=True, array_like=True):
    """A value that was measured, and the trace it was measured in."""

    value: float
    trace_id: str
    span_id: str
    time_s: float
    """Unix time."""


class Point(msgspec.Struct, array_like=True):
    """One series at one moment."""

    labels: Labels
    value: float
    """Of a histogram: the sum."""
    counts: list[int] = []
    """Of a histogram: for each bucket and what is above the last, not cumulated."""
    exemplars: list[Exemplar | None] = []
    """Of a histogram: the newest of each bucket."""


Snapshot = dict[str, list[Point]]
"""By the names of metrics."""

Source = Callable[[], Iterator[tuple[Instrument, Labels, float]]]
"""Says how things stand when it is asked; of counters, all that was ever counted."""


class Metrics:
    """Counts.

    Args:
        max_series: see `MAX_SERIES`.
        clock: Unix time in seconds, for exemplars.
    """

    def __init__(self, max_series: int = MAX_SERIES, clock: Callable[[], float] = time.time) -> None:
        self._series: dict[str, dict[Labels, Point]] = {one.name: {} for one in INSTRUMENTS}
        self._max_series = max_series
        self._clock = clock
        self._sources: list[Source] = []
        self._failures = 0
        self.started_ns = time.time_ns()

    def ask(self, source: Source) -> None:
        """Ask this source at every `collect`."""
        self._sources.append(source)

    def add(self, instrument: Instrument, labels: Labels, value: float = 1) -> None:
        """Add to a counter."""
        point = self._series[instrument.name].get(labels)
        if point is None:
            point = self._made(instrument, labels)
        point.value += value

    def record(
        self,
        instrument: Instrument,
        labels: Labels,
        value: float,
        trace: tuple[str, str] | None = None,
    ) -> None:
        """Add to a histogram.

        Args:
            instrument: the histogram.
            labels: of the series.
            value: what was measured.
            trace: trace and span id, if the trace is sampled: else nobody could look at it.
        """
        point = self._series[instrument.name].get(labels)
        if point is None:
            point = self._made(instrument, labels)
        place = bisect_left(instrument.buckets, value)
        point.counts[place] += 1
        point.value += value
        if trace is not None:
            point.exemplars[place] = Exemplar(float(value), *trace, self._clock())

    def collect(self) -> Snapshot:
        """Return all series as they are now."""
        snapshot: Snapshot = {}
        for name, series in self._series.items():
            points = [
                Point(point.labels, point.value, point.counts.copy(), point.exemplars.copy())
                for point in list(series.values())
            ]
            if points:
                snapshot[name] = points
        for source in self._sources:
            try:
                told = list(source())
            except Exception:  # noqa: BLE001 (one that fails must not hide all others; it is counted)
                self._failures += 1
                continue
            for instrument, labels, value in told:
                snapshot.setdefault(instrument.name, []).append(Point(labels, float(value)))
        if self._sources:
            snapshot[SOURCES_FAILED.name] = [Point((), float(self._failures))]
        return snapshot

    def _made(self, instrument: Instrument, labels: Labels) -> Point:
        series = self._series[instrument.name]
        if len(series) >= self._max_series:
            if instrument is not SERIES_REFUSED:
                self.add(SERIES_REFUSED, (instrument.name,))
            labels = (OTHER,) * len(labels)
            if labels in series:
                return series[labels]
        buckets = len(instrument.buckets) + 1 if instrument.buckets else 0
        point = series[labels] = Point(labels, 0.0, [0] * buckets, [None] * buckets)
        return point


def merged(snapshots: Mapping[str, Snapshot]) -> Snapshot:
    """Return what several processes say together.

    Args:
        snapshots: by process. Of one that has ended there are only counters and histograms left.
    """
    together: dict[str, dict[Labels, Point]] = {}
    for snapshot in snapshots.values():
        for name, points in snapshot.items():
            instrument = BY_NAME.get(name)
            if instrument is None:
                continue
            series = together.setdefault(name, {})
            for point in points:
                _merge(instrument, series, point)
    return {one.name: list(together[one.name].values()) for one in INSTRUMENTS if one.name in together}


def lasting(snapshot: Snapshot) -> Snapshot:
    """Return what counts on when the process has ended: all but gauges."""
    return {name: points for name, points in snapshot.items() if BY_NAME[name].kind != "gauge"}


def _merge(instrument: Instrument, series: dict[Labels, Point], point: Point) -> None:
    known = series.get(point.labels)
    if known is None:
        series[point.labels] = Point(point.labels, point.value, point.counts.copy(), point.exemplars.copy())
    elif instrument.merge == "max":
        known.value = max(known.value, point.value)
    else:
        known.value += point.value
        known.counts = [a + b for a, b in zip(known.counts, point.counts, strict=True)]
        known.exemplars = [_newer(a, b) for a, b in zip(known.exemplars, point.exemplars, strict=True)]


def _newer(one: Exemplar | None, other: Exemplar | None) -> Exemplar | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda exemplar: exemplar.time_s)
