"""An upstream that costs next to nothing: nginx, which answers every question with the same file.

It serves one completion of about 2 kB, whole at `/whole/v1` and as server-sent events at `/streamed/v1`,
and takes OTLP exports at `/v1/traces`. Both files are made here from one text, in the shapes of OpenAI's
API reference (platform.openai.com/docs/api-reference/chat, 2026-11).
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.demo.children import Child, answers, free_port

MODEL = "bench"
ANSWER = " ".join(
    (
        "The invoice was sent on the third of the month and covers the work agreed on in spring.",
        "Payment is due within thirty days; a reminder goes out a week before that date and one after it.",
        "If something in it is unclear, whoever signed the order can ask for a line by line explanation.",
    )
    * 6
)
"""About 1,900 characters without anything that a check looks for."""
_HEAD: dict[str, Any] = {
    "id": "chatcmpl-bench",
    "created": 1_764_000_000,
    "model": MODEL,
    "system_fingerprint": "fp_bench",
}
_USAGE = {"prompt_tokens": 420, "completion_tokens": 380, "total_tokens": 800}

_CONFIG = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_body_buffer_size 64k;
  keepalive_requests 100000000;
  open_file_cache max=8;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    error_page 405 =200 $uri;  # how nginx answers a POST with a file
    location /whole/ {{ default_type application/json; }}
    location /streamed/ {{ default_type text/event-stream; }}
    location /v1/ {{ default_type application/x-protobuf; }}
  }}
}}
"""


def completion() -> bytes:
    """Return the whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": ANSWER, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _json(_HEAD | {"object": "chat.completion", "choices": [choice], "usage": _USAGE})


def stream() -> bytes:
    """Return the same answer as events, one a word: about 340 of them."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f"{word} "} for word in ANSWER.split(" ")[:-1]]
    deltas.append({"content": ANSWER.rpartition(" ")[2]})
    choices: list[list[dict[str, Any]]] = [
        [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}] for delta in deltas
    ]
    choices.append([{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}])
    chunks: list[dict[str, Any]] = [
        _HEAD | {"object": "chat.completion.chunk", "choices": each} for each in choices
    ]
    chunks.append(_HEAD | {"object": "chat.completion.chunk", "choices": [], "usage": _USAGE})
    return b"".join(b"data: " + _json(chunk) + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _user() -> str:
    """Return the directive that lets nginx's worker read our files where root starts it."""
    return "user root;" if os.geteuid() == 0 else ""


@contextlib.contextmanager
def static_upstream(folder: Path, wrapper: tuple[str, ...] = ()) -> Iterator[int]:
    """Run nginx until the block ends and yield its port on 127.0.0.1.

    Args:
        folder: an empty folder for its files.
        wrapper: words to put before the command, such as `taskset -c 1`.
    """
    port = free_port()
    files = {
        "whole/v1/chat/completions": completion(),
        "streamed/v1/chat/completions": stream(),
        "v1/traces": b"",
        "v1/metrics": b"",
        "v1/logs": b"",
        "ready": b"yes",
    }
    for name, content in files.items():
        file = folder / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, user=_user()))
    folder.chmod(0o755)
    command = (*wrapper, "nginx", "-p", str(folder), "-c", str(config), "-e", "stderr")
    with Child("nginx", command, folder / "nginx.log") as child:
        child.wait_until(lambda: answers(port, "/ready"), 10)
        yield port
