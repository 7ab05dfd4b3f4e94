"""The metrics of a service, made of the settings: who counts what, who may read it, where it is sent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.exchange import PATHS
from app.api.metrics import ScrapeGuard, metrics_route
from app.api.proxy import ROUTE
from app.cache.cache import Cache
from app.domain.operation import Operation
from app.measuring import Measuring
from app.records.writer import Writer
from app.routing.breaker import Breakers
from app.settings import Settings
from telemetry import Tracer, logger
from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metric_export import build_metric_export
from telemetry.metrics import Labels, Metrics, Snapshot, Source
from telemetry.process_metrics import process_source
from telemetry.span_counts import span_source
from telemetry.stopping import Sender
from telemetry.worker_files import WorkerFiles


class Metering:
    """All that a service has to do with metrics.

    Args:
        settings: the whole file.
        environ: for `OTEL_*`.
        version: of Handrail.
        folder: that all workers share; None: there is one process.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], version: str, folder: Path | None
    ) -> None:
        self._settings = settings
        self._log = logger("metrics")
        self.metrics = metrics = Metrics()
        self.measure = Measuring(
            metrics,
            route_of,
            models=configured_models(settings),
            providers=settings.providers,
            callers=settings.keys,
            guardrails=settings.guardrails,
        )
        metrics.ask(process_source(version))
        self._export = build_metric_export(environ, metrics, version)
        self._files = None if folder is None else WorkerFiles(folder, metrics)

    def watch(self, tracer: Tracer, writer: Writer, breakers: Breakers, cache: Cache | None) -> None:
        """Ask these, whenever metrics are read, how they are doing."""
        sources: list[Source] = [
            span_source(tracer.processors),
            _record_source(writer),
            _breaker_source(breakers),
        ]
        if cache is not None:
            sources.append(_cache_source(cache))
        for source in sources:
            self.metrics.ask(source)

    def route(self, keyring: Keyring) -> HTTPRouteHandler:
        """Return `/metrics`."""
        guard = ScrapeGuard(keyring, self._settings.metrics.token, is_open=not self._settings.keys)
        return metrics_route(guard, self.collect)

    def collect(self) -> Snapshot:
        """Return the metrics of all workers."""
        return self.metrics.collect() if self._files is None else self._files.together()

    def start(self) -> None:
        """Begin to tell others. Blocks for some milliseconds."""
        if self._files is not None:
            try:
                self._files.start()
            except OSError as error:  # no reason not to serve
                self._files = None
                self._log.warning("metrics_not_shared", reason=str(error))
        if self._export is not None:
            self._export.start()

    @property
    def senders(self) -> tuple[Sender, ...]:
        """What tells others, to be stopped at the end."""
        return () if self._export is None else (self._export,)

    def stop(self) -> None:
        """Leave to the other workers what was counted."""
        if self._files is not None:
            self._files.stop()


def route_of(operation: Operation) -> str:
    """Return the route that serves an operation."""
    return PATHS.get(operation, ROUTE)


def configured_models(settings: Settings) -> set[str]:
    """Return the names of models that the settings name, without `@slug/`."""
    named = {name for one in settings.providers.values() for name in (*one.models, *one.base_models)}
    named |= {name for name in settings.prices if "*" not in name}
    for config in settings.configs.values():
        named |= set(_asked_by(config))
    return {name.partition("/")[2] if name.startswith("@") else name for name in named}


def _asked_by(config: object) -> Iterator[str]:
    """Yield the models that a config puts in the place of the asked one."""
    if isinstance(config, dict):
        params: Any = config.get("override_params")
        if isinstance(params, dict) and isinstance(model := params.get("model"), str):
            yield model
        for value in config.values():
            yield from _asked_by(value)
    elif isinstance(config, list):
        for value in config:
            yield from _asked_by(value)


def _record_source(writer: Writer) -> Source:
    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        now = writer.gauges()
        for instrument, value in (
            (of.EXCHANGES_ACTIVE, now.under_way),
            (of.RECORDS_BACKLOG, now.backlog),
            (of.RECORDS_BACKLOG_SIZE, now.backlog_bytes),
            (of.RECORDS_KEPT, now.kept_total),
            (of.RECORDS_REFUSED, now.turned_away_total),
            (of.JOURNAL_ENTRIES, now.journal_entries),
            (of.JOURNAL_SIZE, now.journal_bytes),
            (of.JOURNAL_LIMIT, now.journal_max_bytes),
            (of.JOURNAL_OLDEST, now.journal_oldest_s),
            (of.JOURNAL_SHIPPED, now.shipped_total),
            (of.JOURNAL_FULL, now.journal_full),
            (of.DATABASE_AWAY, now.database_away),
        ):
            yield instrument, (), float(value)

    return source


def _cache_source(cache: Cache) -> Source:
    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        now = cache.figures()
        for status, count in now.lookups.items():
            yield of.CACHE_LOOKUPS, (status.lower().replace(" ", "_"),), count
        for event, count in now.events.items():
            yield of.CACHE_EVENTS, (event,), count
        if now.holding is not None:
            yield of.CACHE_ENTRIES, (), now.holding.entries
            yield of.CACHE_SIZE, (), now.holding.held_bytes

    return source


def _breaker_source(breakers: Breakers) -> Source:
    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        yield of.BREAKERS_OPEN, (), breakers.open_count()
        yield of.BREAKERS_OPENED, (), breakers.opened_total

    return source
