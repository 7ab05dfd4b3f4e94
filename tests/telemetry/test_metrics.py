from collections.abc import Iterator

from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metrics import OTHER, Exemplar, Labels, Metrics, Point, lasting, merged

TRACE = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


def test_what_is_added_adds_up_by_labels() -> None:
    metrics = Metrics()
    metrics.add(of.CHARACTERS, ("received",), 3)
    metrics.add(of.CHARACTERS, ("received",), 4)
    metrics.add(of.CHARACTERS, ("released",))
    assert metrics.collect() == {
        of.CHARACTERS.name: [Point(("received",), 7.0), Point(("released",), 1.0)],
    }


def test_a_value_falls_into_the_first_bucket_that_is_not_below_it() -> None:
    metrics = Metrics(clock=lambda: 5.0)
    for value in (0.0001, 0.00011, 99.0):
        metrics.record(of.OVERHEAD, ("chat",), value)
    metrics.record(of.OVERHEAD, ("chat",), 0.0001, TRACE)
    (point,) = metrics.collect()[of.OVERHEAD.name]
    assert point.counts == [2, 1, *[0] * 12, 1]
    assert point.value == 0.0001 + 0.00011 + 99.0 + 0.0001
    assert point.exemplars == [Exemplar(0.0001, *TRACE, 5.0), *[None] * 14]


def test_what_was_collected_does_not_change_any_more() -> None:
    metrics = Metrics()
    metrics.record(of.OVERHEAD, ("chat",), 1)
    earlier = metrics.collect()
    metrics.record(of.OVERHEAD, ("chat",), 1, TRACE)
    assert sum(earlier[of.OVERHEAD.name][0].counts) == 1
    assert not any(earlier[of.OVERHEAD.name][0].exemplars)


def test_beyond_so_many_series_the_rest_counts_as_one_and_that_is_counted() -> None:
    metrics = Metrics(max_series=2)
    for rule in ("a", "b", "c", "d", "a"):
        metrics.add(of.FINDINGS, ("g", "input", rule))
    snapshot = metrics.collect()
    assert {point.labels[2]: point.value for point in snapshot[of.FINDINGS.name]} == {
        "a": 2,
        "b": 1,
        OTHER: 2,
    }
    assert snapshot[of.SERIES_REFUSED.name] == [Point((of.FINDINGS.name,), 2.0)]


def test_sources_are_asked_at_each_collection() -> None:
    metrics, answers = Metrics(), iter((1.0, 2.0))

    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        yield of.WORKERS, (), next(answers)

    metrics.ask(source)
    assert [metrics.collect()[of.WORKERS.name][0].value for _ in range(2)] == [1.0, 2.0]


def test_a_source_that_fails_hides_no_other_and_is_counted() -> None:
    metrics = Metrics()

    def failing() -> Iterator[tuple[Instrument, Labels, float]]:
        yield of.UPTIME, (), 1.0
        raise RuntimeError

    metrics.ask(failing)
    metrics.ask(lambda: iter([(of.WORKERS, (), 1.0)]))
    assert metrics.collect() == {
        of.WORKERS.name: [Point((), 1.0)],
        of.SOURCES_FAILED.name: [Point((), 1.0)],
    }


def test_processes_together() -> None:
    ours, theirs = Metrics(clock=lambda: 1.0), Metrics(clock=lambda: 2.0)
    for metrics, value in ((ours, 0.3), (theirs, 0.4), (ours, 7.0)):
        metrics.record(of.OVERHEAD, ("chat",), value, TRACE)
        metrics.add(of.CHARACTERS, ("received",), value)
    snapshots = {"a": ours.collect(), "b": theirs.collect()}
    snapshots["a"][of.JOURNAL_OLDEST.name] = [Point((), 5.0)]
    snapshots["b"][of.JOURNAL_OLDEST.name] = [Point((), 3.0)]
    snapshots["b"]["of.another.version"] = [Point((), 3.0)]
    together = merged(snapshots)
    (point,) = together[of.OVERHEAD.name]
    assert [count for count in point.counts if count] == [2, 1]
    assert [one.value for one in point.exemplars if one is not None] == [0.4, 7.0], "the newer one of two"
    assert together[of.CHARACTERS.name] == [Point(("received",), 0.3 + 7.0 + 0.4)]
    assert together[of.JOURNAL_OLDEST.name] == [Point((), 5.0)], "the oldest of all"
    assert set(together) == {of.OVERHEAD.name, of.CHARACTERS.name, of.JOURNAL_OLDEST.name}
    assert set(lasting(together)) == {of.OVERHEAD.name, of.CHARACTERS.name}
