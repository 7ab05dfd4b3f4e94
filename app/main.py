"""The composition root: here everything is built and handed to whatever needs it.

`build` makes the service of a configuration. `create` is for ASGI servers that ask for a factory; our own
server, `app/server.py`, reads the configuration once and gives the same text to all its workers by `load`.
"""

import asyncio
import contextlib
import logging
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import version
from pathlib import Path

from litestar import Litestar

import telemetry
from app.access.keys import Keyring
from app.api.application import application
from app.api.connection import Drain
from app.api.exchange import PATHS, ExchangeEndpoint, Serving
from app.api.health import Degraded
from app.api.identity import Identities
from app.api.proxy import ProxyEndpoint
from app.api.reports import report_routes
from app.caching import caches_of
from app.configuration.problems import InvalidConfiguration, Problem
from app.configuration.reader import Configuration, Overrides, Source, configure, find
from app.contents import Contents
from app.forgetting import Forgetting
from app.metering import Metering
from app.pipeline import Pipeline
from app.policy import Policy
from app.pricing.prices import prices_of
from app.process import told_to_stop, tuned_interpreter
from app.providers.configured import providers_of
from app.providers.guarded_transport import GuardedTransport, is_no_metadata
from app.providers.guests import guests_of
from app.providers.identities import Surroundings
from app.providers.images import ImageFetcher
from app.providers.reach import PublicReach
from app.providers.services import ServiceSender
from app.providers.transport import AiohttpTransport
from app.recording import (
    erasures_of,
    record_redactor,
    reports_for,
    retaining_for,
    writer_for,
)
from app.records_served import RecordsServed
from app.refusals import remembering
from app.routing.circuit_store import breakers_of
from app.routing.completion import Completions
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known
from app.routing.health import Latencies
from app.routing.hooks import HookReader
from app.routing.listing import Listing
from app.routing.resolve import Routes
from app.routing.router import Router
from app.routing.saved import saved_configs
from app.routing.targets import Targets
from app.routing.tree import Tree
from app.settings import LogSettings, Settings
from app.telling import Telling
from app.wire.openai.request import Limits
from guardrails import Checks
from guardrails.checks.secrets import maintained

VERSION = version("handrail")
_LATER_S = 1.5
"""For work that no answer waits for, once the service stops; the record has `_FLUSH_S` behind it."""
_FLUSH_S = 2.0
_ASK_S = 0.8
"""For the database to answer `/readyz`, within what that waits for."""
_FINGERPRINT_KEY_BYTES = 32


def create() -> Litestar:
    """Return the service that the environment and the working directory describe.

    Raises:
        InvalidConfiguration: the configuration cannot be used.
    """
    return load(find(None, os.environ, Path.cwd()), Overrides())


def load(source: Source, overrides: Overrides, metrics: Path | None = None) -> Litestar:
    """Return the service of a configuration that has been found, and let its log lines go to standard error.

    Args:
        source: the configuration.
        overrides: what the command line says instead.
        metrics: see `build`.

    Raises:
        InvalidConfiguration: the configuration cannot be used.
    """
    configuration = configure(source, os.environ, overrides)
    configure_log(configuration.settings.log)
    return build(configuration, os.environ, metrics)


def configure_log(settings: LogSettings) -> None:
    """Let everybody's log lines go to standard error, and what nobody caught with them.

    Alembic's say at each start, once for each worker and in three lines, that there was nothing to do.
    """
    telemetry.configure(settings.level, settings.format, sys.stderr)
    telemetry.report_strays(telemetry.logger("handrail"))
    logging.getLogger("alembic").setLevel(logging.WARNING)


def build(configuration: Configuration, environ: Mapping[str, str], metrics: Path | None = None) -> Litestar:
    """Return the service. It reaches for nothing before its lifespan begins.

    Args:
        configuration: what to build.
        environ: for `OTEL_*`, and where clouds say who we are to them.
        metrics: a folder that the workers of one service share.

    Raises:
        InvalidConfiguration: a provider cannot be made.
    """
    settings = configuration.settings
    log = telemetry.logger("handrail")
    keeping = telemetry.Keeping(frozenset(settings.traces.keep), settings.traces.slow_ms * 1_000_000)
    tracer = telemetry.build_tracer(environ, VERSION, keeping=keeping)
    metering = Metering(settings, environ, VERSION, metrics)
    transport, images = AiohttpTransport(), ImageFetcher(settings.images)
    surroundings = Surroundings(environ, Path.home(), transport)
    providers = providers_of(configuration, surroundings, images)
    models = {slug: one.models for slug, one in settings.providers.items()}
    routes = Routes(tuple(providers), models)
    reach = PublicReach(GuardedTransport())
    services = AiohttpTransport(allows=is_no_metadata)
    configuration.services.connect(ServiceSender(services), Completions(routes), reach)
    saved = configs_of(configuration)
    guests = guests_of(configuration, surroundings, images)
    breakers = breakers_of(
        settings.redis_url or settings.cache.url,
        settings.cache.secret or settings.fingerprint_key,
        telemetry.logger("breakers"),
    )
    redactor = record_redactor()
    scrub = remembering(redactor.redact)
    router = Router(
        Targets(routes, tuple(providers), configuration.catalogue.kind_of, guests),
        saved,
        random.Random(),  # noqa: S311 (weights and jitter are no secrets)
        breakers,
        Latencies(time.monotonic),
        tuple(settings.guardrails),
        scrub,
    )
    writer = writer_for(settings, redactor)
    retaining, reports = retaining_for(settings), reports_for(settings, redactor)
    contents = Contents(tracer.content, settings.records.content, redactor.redact)
    prices = prices_of(configuration)
    drain = Drain(settings.server.stop_grace_ms / 1000)
    keyring, identities = Keyring(settings.keys), Identities(tracer, scrub)
    caches = caches_of(settings, routes)
    forgetting = Forgetting(caches, erasures_of(settings), log)
    served = RecordsServed(settings, writer, keyring, drain, forgetting.forget, log)
    metering.watch(tracer, writer, breakers, caches.cache)
    pipeline = Pipeline(
        router=router,
        policy=Policy(configuration.guardrails, _fingerprint_key(settings), configuration.version),
        prices=prices,
        records=writer,
        limits=Limits(
            max_messages=settings.server.max_messages,
            max_inputs=settings.server.max_inputs,
            max_depth=settings.server.max_depth,
        ),
        log=log,
        scrub=scrub,
        caches=caches,
        telling=Telling(log, metering.measure, contents, scrub),
    )
    serving = Serving(
        pipeline=pipeline,
        keyring=keyring,
        identities=identities,
        drain=drain,
        max_body_bytes=settings.server.max_body_bytes,
        body_timeout_s=settings.server.body_timeout_ms / 1000,
        log=log,
    )

    @contextlib.asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        await asyncio.gather(*map(asyncio.to_thread, (writer.start, prices.load, maintained.load)))
        await asyncio.to_thread(metering.start)
        try:
            async with (
                breakers.following(),
                pipeline.under_way.watched(),
                retaining.running(),
                forgetting.running(),
            ):
                with told_to_stop(drain.begin), tuned_interpreter():
                    yield
        finally:
            if undone := await pipeline.later.settle(_LATER_S):
                log.warning(
                    "left_undone", works=undone, reason="it took too long once the service was stopped"
                )
            await caches.close()
            await asyncio.gather(
                writer.stop(_FLUSH_S),
                *map(asyncio.to_thread, (reports.close, served.close, metering.stop)),
                asyncio.to_thread(telemetry.stop_together, (*tracer.senders, *metering.senders), log=log),
                reach.aclose(),
                transport.aclose(),
                services.aclose(),
                images.aclose(),
                guests.aclose(),
            )

    async def database() -> str | Degraded | None:
        if not await writer.ready(_ASK_S):
            return "cannot be reached and the journal takes no more, or is not of this version"
        return None if (why := writer.why_degraded()) is None else Degraded(why)

    return application(
        endpoints={operation: ExchangeEndpoint(serving, operation) for operation in PATHS},
        proxy=ProxyEndpoint(serving) if any(key.proxy for key in settings.keys.values()) else None,
        listing=Listing(providers, models, routes, log),
        reports=[*report_routes(reports, keyring), *served.routes, metering.route(keyring)],
        conditions={"database": database},
        keyring=keyring,
        identities=identities,
        lifespan=[running],
        log=log,
        version=VERSION,
    )


def configs_of(configuration: Configuration) -> dict[str, Tree]:
    """Return the saved routing configs.

    Raises:
        InvalidConfiguration: one cannot be used.
    """
    settings = configuration.settings
    rows = (configuration.catalogue.row(one.kind) for one in settings.providers.values())
    known = Known(frozenset(settings.providers), frozenset(row.kind for row in rows if row is not None))
    hooks = HookReader(Checks(configuration.services.services), tuple(settings.guardrails))
    try:
        return saved_configs(settings.configs, known, hooks)
    except ConfigError as error:
        raise InvalidConfiguration([Problem(error.path, error.message)], configuration.source) from None


@contextlib.asynccontextmanager
async def connected(configuration: Configuration, environ: Mapping[str, str]) -> AsyncIterator[None]:
    """Let guardrails ask other services although nothing is served.

    Raises:
        InvalidConfiguration: as `providers_of`.
    """
    transport = AiohttpTransport()
    providers = providers_of(configuration, Surroundings(environ, Path.home(), transport))
    models = {slug: one.models for slug, one in configuration.settings.providers.items()}
    completions = Completions(Routes(tuple(providers), models))
    reach = PublicReach(GuardedTransport())
    services = AiohttpTransport(allows=is_no_metadata)
    configuration.services.connect(ServiceSender(services), completions, reach)
    try:
        yield
    finally:
        await asyncio.gather(transport.aclose(), services.aclose(), reach.aclose())


def require(configuration: Configuration, environ: Mapping[str, str]) -> None:
    """Make sure that all that is configured can be made, before a worker needs it. Nothing is sent.

    Raises:
        InvalidConfiguration: as `providers_of` and `configs_of`.
    """
    providers_of(configuration, Surroundings(environ, Path.home(), AiohttpTransport()))
    configs_of(configuration)


def _fingerprint_key(settings: Settings) -> bytes:
    key = settings.fingerprint_key
    return os.urandom(_FINGERPRINT_KEY_BYTES) if key is None else key.reveal().encode()
