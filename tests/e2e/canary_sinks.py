"""Everything that a gateway leaves behind or tells, as bytes to search: by what it is and where."""

import contextlib
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app.cli import main
from tests.e2e.rows import Database

Sinks = dict[str, bytes]
"""By what and where they are."""


def rows(record: Database) -> Sinks:
    """Return every table and view of a record."""
    engine = sa.create_engine(record.url.replace("postgresql://", "postgresql+psycopg://"))
    found = sa.inspect(engine)
    names = [*found.get_table_names(), *found.get_view_names()]
    engine.dispose()
    return {f"rows of {name}": repr(record.query(f'SELECT * FROM "{name}"')).encode() for name in names}


def files(folder: Path) -> Sinks:
    """Return every file below a folder, and their names."""
    found = [each for each in sorted(folder.rglob("*")) if each.is_file()]
    names = "\n".join(str(each.relative_to(folder)) for each in found).encode()
    return {"names of files": names, **{f"file {each.name}": each.read_bytes() for each in found}}


def told(name: str, response: httpx.Response) -> Sinks:
    """Return what a caller got: status, headers, body, and what a stream says in all its pieces."""
    head = repr((response.status_code, response.reason_phrase, response.headers.raw)).encode()
    return {
        f"head of {name}": head,
        f"body of {name}": response.content,
        f"words of {name}": "\n".join(_joined(response.text)).encode(),
    }


def commands(record: Database, ids: Sequence[str]) -> Sinks:
    """Return what the commands print that read a record: of all, and of these exchanges in full."""
    asked = [["list", "--limit", "0"], ["list", "--limit", "0", "--json"], *(["show", id_] for id_ in ids)]
    return {f"records {' '.join(each)}": _printed(record, each) for each in asked}


def tailed(record: Database, last: str) -> bytes:
    """Return what `handrail records tail` prints up to this exchange, and a moment longer."""
    command = (sys.executable, "-m", "app", "records", "tail", "--database", record.url, "--since", "1h")
    with subprocess.Popen((*command, "--json"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        printed = b""
        while last.encode() not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        process.send_signal(signal.SIGINT)
        return printed + process.stdout.read()


def _printed(record: Database, arguments: Sequence[str]) -> bytes:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        assert main(["records", *arguments, "--database", record.url]) == 0, printed.getvalue()
    return printed.getvalue().encode()


def _joined(body: str) -> Iterator[str]:
    """Yield each text of a stream's choices with its pieces joined."""
    texts: dict[tuple[Any, ...], str] = {}
    for event in body.splitlines():
        if event.startswith("data: {"):
            for choice in json.loads(event[6:]).get("choices", ()):
                for place, text in _texts(choice.get("delta", {}), (choice.get("index"),)):
                    texts[place] = texts.get(place, "") + text
    yield from texts.values()


def _texts(value: object, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield place, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _texts(item, (*place, key))
