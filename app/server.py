"""Runs the service on granian, which parses HTTP in Rust and hands requests to an event loop of uvloop's.

The process that calls `run` only watches: it starts the workers, and stops them in order when it is told to.
"""

import errno
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from litestar import Litestar

import telemetry
from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import Configuration, Overrides, Source
from app.main import VERSION, load
from app.routing.saved import brings_guardrails
from app.settings import ServerSettings, Settings
from guardrails import Guardrail
from guardrails.registry import GUESSES
from telemetry import Log
from telemetry.worker_files import shared_folder

_FLUSH_S = 5.0
"""What a worker may take to put everything on record, behind `server.stop_grace_ms`; then it is killed."""
_LOOK_S = 0.02
"""Between two looks whether a worker accepts already."""
_CONNECT_S = 1.0


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def run(source: Source, overrides: Overrides, configuration: Configuration, log: Log) -> None:
    """Serve until the process is told to stop.

    Args:
        source: the configuration as read, for the workers.
        overrides: what the command line says instead.
        configuration: the same, for this process.
        log: for the line that says what is served.

    Raises:
        CannotListen: before anything is started.
        SystemExit: a worker failed for good.
    """
    server = configuration.settings.server
    port = available_port(server)
    granian = _Announcing(
        "app.main:create",
        address=server.host,
        port=port,
        interface=Interfaces.ASGI,
        workers=server.workers,
        loop=Loops.uvloop,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=telemetry.server_logging(),
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=math.ceil(server.stop_grace_ms / 1000 + _FLUSH_S),
    )
    granian.announce = partial(announce, configuration, port, log)
    with shared_folder(log) as metrics:
        granian.serve(target_loader=partial(loaded, source, overrides, metrics, log), wrap_loader=False)


class _Announcing(MPServer):
    """The server, which calls `announce` once a worker accepts.

    Granian's own hook is called before workers are forked, and what a thread locks then stays locked in them.
    """

    announce: Callable[[], None]

    def startup(self, spawn_target: Callable[..., None], target_loader: Callable[..., Litestar]) -> None:
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]  # has no types
        arguments = (self.bind_addr, self.bind_port, self.announce)
        threading.Thread(target=when_accepting, args=arguments, name="announcing", daemon=True).start()


def when_accepting(host: str, port: int, then: Callable[[], None]) -> None:
    """Wait until somebody accepts connections there, as a worker does when it is ready, and call `then`.

    It is a worker of ours: `available_port` has found nobody else. No worker knows it of itself, for it is
    told to start before it listens; it takes seconds to get there.
    """
    while True:
        try:
            socket.create_connection((host, port), _CONNECT_S).close()
        except OSError:
            time.sleep(_LOOK_S)
        else:
            then()
            return


def loaded(source: Source, overrides: Overrides, metrics: Path | None, log: Log) -> Litestar:
    """Return the service of a worker; where there is none, say so, as `multiprocessing` would not in our way.

    Raises:
        SystemExit: the service cannot be made; the log says why.
    """
    try:
        return load(source, overrides, metrics)
    except InvalidConfiguration as error:
        log.error("worker_not_started", reason=str(error))  # noqa: TRY400 (the reason says it all)
    except Exception as error:
        log.error("worker_not_started", exc_info=error)  # noqa: TRY400 (our log has no other way)
    raise SystemExit(1)


def available_port(server: ServerSettings) -> int:
    """Return the port, a free one for 0.

    Workers share a port in a way that lets any other process of the same user share it as well, and take
    every second request. So it is asked for once without that.

    Raises:
        CannotListen: it is taken, or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            port: int = probe.getsockname()[1]
            return port
    except OSError as error:
        raise CannotListen(_reason(error, server)) from error


def _reason(error: OSError, server: ServerSettings) -> str:
    place = f"{server.host}:{server.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{place} is taken: another program listens there. Stop it, or choose another port with --port."
        )
    return f"cannot listen on {place}: {error.strerror or error}"


def announce(configuration: Configuration, port: int, log: Log) -> None:
    """Say in one line what is served, and in another what is not guarded."""
    settings = configuration.settings
    host = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    log.info(
        "serving",
        url=f"http://{host}:{port}/v1",
        version=VERSION,
        config=configuration.source,
        config_version=configuration.version,
        records=shown_url(settings.records.url.reveal()),
        providers=", ".join(settings.providers) or "none",
        guardrails=", ".join(map(_described, configuration.guardrails)) or "none",
        keys=len(settings.keys) or "none: everybody on this machine may call",
    )
    if warning := unguarded(
        configuration.guardrails, by_configs=brings_guardrails(configuration.settings.configs)
    ):
        log.warning("not_guarded", reason=warning)
    for reason in guessing(settings):
        log.warning("acts_on_guesses", reason=reason)
    if names := exact_only(settings):
        log.warning(
            "cache_not_semantic",
            configs=", ".join(names),
            reason="no cache.embedder is configured: only equal requests are given an answer again",
        )


def unguarded(guardrails: tuple[Guardrail, ...], *, by_configs: bool = False) -> str | None:
    """Return what passes without any guardrail that acts by default, None if nothing does.

    Args:
        guardrails: all that are configured by name.
        by_configs: whether saved configs bring some of their own.
    """
    sides = {
        side.value for one in guardrails if one.default and one.mode.value == "enforce" for side in one.on
    }
    if not guardrails and by_configs:
        return "requests and answers pass as they are, unless a config brings guardrails"
    if not guardrails:
        return "no guardrails are configured: requests and answers pass as they are"
    open_sides = [
        words for side, words in (("input", "requests"), ("output", "answers")) if side not in sides
    ]
    if not open_sides:
        return None
    return f"{' and '.join(open_sides)} pass as they are, unless a key or a request names a guardrail"


def guessing(settings: Settings) -> Iterator[str]:
    """Yield what to know of guardrails that act on guesses although nobody asked for that."""
    for name, entry in settings.guardrails.items():
        kinds = {next(iter(check)) if isinstance(check, dict) else check for check in entry["checks"]}
        if "mode" not in entry and kinds & GUESSES and kinds - GUESSES:
            guesses, others = (", ".join(sorted(some)) for some in (kinds & GUESSES, kinds - GUESSES))
            yield (
                f"guardrails.{name} acts on what {guesses} guesses, because {others} stands beside it; "
                "let it stand in a guardrail of its own, or set mode"
            )


def exact_only(settings: Settings) -> tuple[str, ...]:
    """Return the configs that want to find what means the same, where nothing can say what does."""
    if settings.cache.embedder is not None:
        return ()
    return tuple(name for name, config in settings.configs.items() if _is_semantic(config))


def _is_semantic(node: Mapping[str, Any]) -> bool:
    cache = node.get("cache")
    if isinstance(cache, dict) and cache.get("mode") == "semantic":
        return True
    return any(map(_is_semantic, node.get("targets") or ()))


def _described(guardrail: Guardrail) -> str:
    sides = "+".join(sorted(side.value for side in guardrail.on))
    default = "" if guardrail.default else ", by name only"
    mode = "" if guardrail.mode.value == "enforce" else f", {guardrail.mode.value}"
    return f"{guardrail.name} ({guardrail.action.value} {sides}{mode}{default})"


def shown_url(url: str) -> str:
    """Return a database's URL without user, password and parameters."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, "", "")) if parts.netloc else url.partition("?")[0]
