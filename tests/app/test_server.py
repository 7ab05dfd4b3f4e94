"""The real service in its own processes, on real sockets."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import openai
import pytest

from app.configuration.reader import Configuration, Overrides, Source, configure
from app.server import (
    CannotListen,
    announce,
    available_port,
    exact_only,
    guessing,
    loaded,
    shown_url,
    unguarded,
    when_accepting,
)
from app.settings import CacheSettings, EmbedderSettings, ServerSettings, Settings
from tests.e2e.completions import spoken
from tests.fakes import FakeLog
from tests.servers import Service, serve
from tests.upstreams import Upstream, hang

SECRECY = "{on: [input], checks: [{secrets: {}}], action: block}"


def configured(text: str) -> Configuration:
    return configure(Source("handrail.yaml", text), {})


def test_a_free_port_is_taken_as_it_is() -> None:
    port = available_port(ServerSettings(port=0))
    assert port > 0
    assert available_port(ServerSettings(port=port)) == port


def test_a_worker_whose_service_cannot_be_made_says_why_and_ends() -> None:
    log = FakeLog()
    with pytest.raises(SystemExit) as ended:
        loaded(Source("handrail.yaml", "nonsense: 1"), Overrides(), None, log)

    assert ended.value.code == 1
    ((level, event, fields),) = log.lines
    assert (level, event) == ("error", "worker_not_started")
    assert "nonsense" in fields["reason"]


def test_nothing_is_said_to_be_served_before_somebody_accepts() -> None:
    said: list[bool] = []
    listens = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        arguments = ("127.0.0.1", port, lambda: said.append(listens.is_set()))
        waiting = threading.Thread(target=when_accepting, args=arguments)
        waiting.start()
        waiting.join(0.1)
        listens.set()
        listener.listen()
        waiting.join()
    assert said == [True]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_somebody_listens_on_is_not_shared(host: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"{host}:{port} is taken"):
            available_port(ServerSettings(host=host, port=port))


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(CannotListen, match=r"cannot listen on nowhere\.invalid:1: \w"):
        available_port(ServerSettings(host="nowhere.invalid", port=1))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///handrail.db", "sqlite:///handrail.db"),
        ("sqlite:////var/lib/h.db?timeout=5", "sqlite:////var/lib/h.db"),
        ("postgresql://u:hunter2@db.example:5432/h?sslmode=require", "postgresql://db.example:5432/h"),
        ("postgresql://u:p@ss@db/h", "postgresql://db/h"),
        ("postgresql:///h?host=/run&password=hunter2", "postgresql:///h"),
    ],
)
def test_a_database_is_shown_without_credentials(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("guardrails", "said"),
    [
        ("{}", "no guardrails are configured"),
        (f"{{a: {SECRECY}}}", "answers pass"),
        ("{a: {on: [output], checks: [{secrets: {}}], action: redact}}", "requests pass"),
        ("{a: {checks: [{secrets: {}}], action: block, default: false}}", "requests and answers pass"),
        ("{a: {checks: [{secrets: {}}], action: block, mode: monitor}}", "requests and answers pass"),
        ("{a: {checks: [{secrets: {}}], action: block}}", None),
    ],
)
def test_what_passes_unguarded_is_said(guardrails: str, said: str | None) -> None:
    warning = unguarded(configured(f"guardrails: {guardrails}").guardrails)
    assert said in warning if said is not None and warning is not None else warning is said


@pytest.mark.parametrize(
    ("entry", "is_said"),
    [
        ("checks: [{injection: {}}, {secrets: {}}]", True),
        ("checks: [injection, secrets]", True),
        ("checks: [injection]", False),
        ("checks: [secrets]", False),
        ("checks: [injection, secrets], mode: enforce", False),
    ],
)
def test_who_acts_on_guesses_without_having_been_asked_to_is_named(entry: str, is_said: bool) -> None:
    said = list(guessing(configured(f"guardrails: {{a: {{action: block, {entry}}}}}").settings))
    assert [reason.startswith("guardrails.a acts on what injection guesses") for reason in said] == [
        True
    ] * is_said


def test_one_line_says_what_is_served() -> None:
    log = FakeLog()
    text = f'guardrails: {{secrecy: {SECRECY}}}\nrecords: {{url: "postgresql://u:hunter2@db/h"}}\n'
    announce(configured(text), 8787, log)
    (_, event, fields), (level, _, _) = log.lines
    assert (event, fields["url"]) == ("serving", "http://127.0.0.1:8787/v1")
    assert (fields["config"], fields["records"]) == ("handrail.yaml", "postgresql://db/h")
    assert fields["guardrails"] == "secrecy (block input)"
    assert level == "warning"
    assert "hunter2" not in str(log.lines)


def config(base_url: str, more: str = "") -> str:
    return f'providers: {{up: {{kind: openai, base_url: "{base_url}"}}}}\n{more}'


def client_of(service: Service) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x", max_retries=0)


def slow() -> Upstream:
    return Upstream(spoken((f"word{i} " for i in range(10_000)), delay_s=0.02))


def begun(service: Service, *, stream: bool) -> socket.socket:
    """Return a connection on which an exchange has begun."""
    document = {"model": "@up/m", "messages": [{"role": "user", "content": "Talk."}], "stream": stream}
    body = json.dumps(document).encode()
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=20)
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    connection.sendall(head + body)
    return connection


def rest_of(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_ends_what_runs_in_time_and_keeps_its_record(tmp_path: Path, stop: int) -> None:
    async with slow() as upstream, Upstream(hang()) as judge:
        check = f'webhook: {{url: "{judge.base_url}"}}'
        watching = f"{{on: [input], mode: monitor, action: block, timeout_ms: 60000, checks: [{{{check}}}]}}"
        more = f"server: {{stop_grace_ms: 500}}\nguardrails: {{watching: {watching}}}\n"

        def run() -> None:
            with serve(config(upstream.base_url, more), tmp_path) as service:
                with begun(service, stream=True) as stream, begun(service, stream=False) as no_stream:
                    assert stream.recv(20).startswith(b"HTTP/1.1 200")
                    started_s = time.monotonic()
                    os.killpg(service.process.pid, stop)  # as a terminal does: all processes at once
                    streamed, whole = rest_of(stream), rest_of(no_stream)
                assert service.process.wait(10) == 0
                assert 0.5 < time.monotonic() - started_s < 5
                assert b'"code":"shutting_down"' in streamed[-300:]
                assert whole.startswith(b"HTTP/1.1 503")
                assert service.output().count('"outcome":"failed"') == 2
                assert '"event":"left_undone","works":2' in service.output(), "nobody waits for the judge"
                assert "Traceback" not in service.output()

        await asyncio.to_thread(run)


def trickled(service: Service) -> bytes:
    """Return the answer to a request whose body comes byte by byte."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=0.05) as connection:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        connection.sendall(head + b"connection: close\r\ncontent-length: 300\r\n\r\n")
        for _ in range(299):
            connection.sendall(b" ")
            with contextlib.suppress(TimeoutError):
                return connection.recv(65_536)
    return b""


async def test_who_trickles_is_told_so_and_who_idles_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with serve("server: {body_timeout_ms: 300}", tmp_path) as service:
        told = trickled(service)
        assert told.startswith(b"HTTP/1.1 408")
        assert json.loads(told.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_timeout"
        with socket.create_connection(("127.0.0.1", service.port)) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert idle.recv(20).startswith(b"HTTP/1.1 200")
            started_s = time.monotonic()
            assert service.stop() == 0
        assert time.monotonic() - started_s < 3


@pytest.mark.parametrize("size", [11 * 1024 * 1024, 40 * 1024 * 1024])
async def test_a_sdk_that_sends_too_much_is_told_so(tmp_path: Path, size: int) -> None:
    with serve("", tmp_path) as service:
        async with client_of(service) as client:
            with pytest.raises(openai.APIStatusError) as caught:
                await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "x" * size}]
                )
    assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")


async def test_several_workers_serve_one_port_and_stop_together(tmp_path: Path) -> None:
    async with Upstream(spoken(["Hi."])) as upstream:
        with serve(config(upstream.base_url), tmp_path, arguments=("--workers", "2")) as service:
            for _ in range(10):
                async with client_of(service) as client:  # a new connection each: workers share them
                    answer = await client.chat.completions.create(
                        model="@up/m", messages=[{"role": "user", "content": "Hello?"}]
                    )
                    assert answer.choices[0].message.content == "Hi."
            assert await asyncio.to_thread(service.stop) == 0
            assert service.output().count('"event":"exchange"') == 10


async def test_a_second_service_on_the_same_port_does_not_start(tmp_path: Path) -> None:
    with serve("", tmp_path) as service:
        second = await asyncio.create_subprocess_exec(
            *service.process.args[:3],  # type: ignore[index]  # a tuple, as serve gave it
            *("serve", "--port", str(service.port)),
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()
    assert second.returncode == 1
    assert f"127.0.0.1:{service.port} is taken".encode() in said.splitlines()[-1]


def test_configs_that_would_be_semantic_without_an_embedder_are_named() -> None:
    plain, wanted = {"cache": {"mode": "simple"}}, {"cache": {"mode": "semantic"}}
    configs: dict[str, Any] = {
        "a": plain,
        "b": wanted,
        "c": {"targets": [{}, {"targets": [wanted]}]},
        "d": {},
    }
    assert exact_only(Settings(configs=configs)) == ("b", "c")
    embedder = EmbedderSettings(model="@p/m")
    assert exact_only(Settings(configs=configs, cache=CacheSettings(embedder=embedder))) == ()
