"""`handrail demo`: the real service, asked twice, and what it left behind.

Starts a model if the environment names no provider, writes a configuration, starts `handrail serve` with
it, sends one request with an e-mail address and a key and one that is refused, shows what each became,
and stays up until Ctrl-C.
"""

import argparse
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from app.demo import example
from app.demo.children import Child, ChildFailed, answers, free_port
from app.demo.example import Source
from app.demo.model import LocalModel, ModelMissing
from app.demo.paper import Paper
from app.demo.record import answer as on_record
from app.demo.record import wait_for

PORT = 8787
_START_S = 60.0
_ANSWER_S = 120.0
_END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: dict[str, Any]
    trace_id: str
    seconds: float

    @property
    def text(self) -> str:
        """The answer, or the message of the error."""
        if "error" in self.body:
            return str(self.body["error"]["message"])
        return str(self.body["choices"][0]["message"]["content"]).strip()


def main(argv: Sequence[str]) -> int:
    """Run the demo and return the exit status: 0, or 1 where something did not start or answer."""
    options = _options(argv)
    paper = Paper(sys.stdout)
    for number in _END_SIGNALS:
        signal.signal(number, _stopper)
    try:
        with ExitStack() as children:
            paper.title("Starting")
            source = _chosen(paper) or _start_model(paper, children)
            port = free_port(options.port)
            if options.port not in {0, port}:
                paper.field("port", f"{options.port} is taken; this demo uses {port}")
            gateway = _start_gateway(paper, children, source, port)
            _play(paper, source, port)
            if not options.once:
                _invite(paper, source, port)
                gateway.wait_until(lambda: False, float("inf"))  # until it ends, or we are told to
    except _Stopped:
        paper.line("\nStopped. The record stays in " + example.DATABASE_FILE)
    except (ChildFailed, ModelMissing, LookupError, OSError) as error:
        sys.stderr.write(f"\nThe demo did not get through: {error}\n")
        return 1
    return 0


class _Stopped(Exception):
    """Ctrl-C, or a polite request to end."""


def _stopper(_number: int, _frame: FrameType | None) -> None:
    for number in _END_SIGNALS:  # a second one must not cut the clean end short
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="handrail demo", description=__doc__.split("\n\n")[0])
    parser.add_argument("--once", action="store_true", help="end after the example instead of staying up")
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"where to listen on 127.0.0.1 (default {PORT})"
    )
    return parser.parse_args(argv)


def _chosen(paper: Paper) -> Source | None:
    """Return the provider that the environment names, and say where requests go; None if it names none."""
    source = example.source_from(os.environ)
    if source is not None:
        variable = "OPENAI_BASE_URL" if os.environ.get("OPENAI_BASE_URL") else "OPENAI_API_KEY"
        paper.field("model", f"{source.model} at {source.base_url} (from {variable})")
    return source


def _start_model(paper: Paper, children: ExitStack) -> Source:
    model = children.enter_context(LocalModel(Path(example.FOLDER) / "model.log"))
    paper.field("model", f"SmolLM2-135M by llama.cpp, {model.base_url} (OPENAI_API_KEY would choose OpenAI)")
    return example.local_source(model.base_url)


def _start_gateway(paper: Paper, children: ExitStack, source: Source, port: int) -> Child:
    config = Path(example.CONFIG_FILE)
    config.parent.mkdir(exist_ok=True)
    config.write_text(example.config(source, port), encoding="utf-8")
    command = (sys.executable, "-m", "app", "serve", "--config", str(config))
    gateway = Child("Handrail", command, Path(example.FOLDER) / "serve.log")
    children.enter_context(gateway)
    gateway.wait_until(lambda: answers(port, "/readyz"), _START_S)
    paper.field("gateway", f"http://127.0.0.1:{port}/v1")
    paper.field("configuration", example.CONFIG_FILE)
    paper.field("record", example.DATABASE_FILE)
    return gateway


def _play(paper: Paper, source: Source, port: int) -> None:
    paper.title("1. A request with an e-mail address and a key in it")
    first = _exchange(paper, source, port, example.QUESTION)
    if first.status != HTTPStatus.OK:
        raise LookupError(
            f"{source.base_url} did not answer the first request. That address comes from OPENAI_BASE_URL or "
            "OPENAI_API_KEY; without both, the demo serves a small model itself."
        )
    paper.title("2. A request that a guardrail refuses")
    answer = _exchange(paper, source, port, example.REFUSED)
    sql = example.SQL.format(trace_id=answer.trace_id)
    paper.title(
        f"Both are on record in {example.DATABASE_FILE}. The second one, by SQL (with sqlite3, or so):"
    )
    paper.exactly(f'{_python()} -m app.demo.record "{sql}"')
    paper.exactly(*on_record(Path(example.DATABASE_FILE), sql))


def _python() -> str:
    """Return how to call this interpreter from here."""
    program = Path(sys.executable)
    return str(program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program)


def _exchange(paper: Paper, source: Source, port: int, text: str) -> Answer:
    """Send one request and show what became of it."""
    answer = _ask(port, source, text)
    row = wait_for(Path(example.DATABASE_FILE), answer.trace_id)
    paper.field("you sent", text)
    paper.field("provider got", row.sent_upstream or "nothing")
    paper.field("answer", f"{answer.status} in {answer.seconds:.2f} s: {answer.text}")
    paper.field("verdicts", *row.verdicts)
    paper.field("trace id", answer.trace_id)
    return answer


def _ask(port: int, source: Source, text: str) -> Answer:
    question = {"model": source.address, "messages": [{"role": "user", "content": text}], **source.options}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    started = time.monotonic()
    try:
        headers = {"content-type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(question), headers)
        response = connection.getresponse()
        body = json.loads(response.read())
    finally:
        connection.close()
    trace_id = response.getheader("x-portkey-trace-id") or ""
    return Answer(response.status, body, trace_id, time.monotonic() - started)


def _invite(paper: Paper, source: Source, port: int) -> None:
    paper.title("Your turn: Handrail stays up until Ctrl-C")
    question = json.dumps({"model": source.address, "messages": [{"role": "user", "content": "Hello!"}]})
    paper.exactly(
        f"curl -i http://127.0.0.1:{port}/v1/chat/completions -H 'content-type: application/json' \\",
        f"  -d '{question}'",
        "",
        f'client = openai.OpenAI(base_url="http://127.0.0.1:{port}/v1", api_key="unused")',
        f'client.chat.completions.create(model="{source.address}", messages=[...])',
        "",
    )
