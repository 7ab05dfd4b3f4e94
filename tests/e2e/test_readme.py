"""The README is run: every block of code in it, and every table that can be compared with the code."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from app.demo.children import free_port
from app.demo.example import DATABASE_FILE
from app.domain import errors
from app.records import migrate
from app.settings import Settings
from tests.e2e.readme import BLOCKS, FILES, README, ROOT
from tests.postgresql import database

_START_S = 120.0
_STEADY = (
    (re.compile(r"\b[0-9a-f]{32}\b"), "<trace id>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(r"\d+\.\d\d s"), "<time>"),
    (re.compile(r"^( +answer +200 in <time>: ).*$", flags=re.MULTILINE), r"\1<answer>"),
)
"""What differs from run to run. The answer is a model's, and its sums are not the same on every processor."""


def _blocks(*languages: str) -> list[Any]:
    found = [
        (language, text) for language, text in BLOCKS if language in languages and text not in FILES.values()
    ]
    return [pytest.param(text, id=text.strip().splitlines()[0][:50]) for _, text in found]


class Demo:
    """A folder as a newcomer has it, where `make run` is up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / ".venv").symlink_to(ROOT / ".venv")
        (folder / "handrail.yaml").write_text(next(text for language, text in BLOCKS if language == "yaml"))
        for name, text in FILES.items():
            (folder / name).write_text(text)
        self.output = folder / "output"
        names = ("OPENAI_", "OTEL_", "HANDRAIL_")
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        self.environ["COLUMNS"] = "108"
        command = (sys.executable, "-m", "app.demo", "--port", str(self.port))
        with self.output.open("wb") as stream:
            self.process = subprocess.Popen(command, cwd=folder, env=self.environ, stdout=stream)

    def wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while "Your turn" not in self.output.read_text() and time.monotonic() < deadline:
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.1)

    def run(self, *command: str) -> str:
        """Run a block as if this demo had its usual port."""
        *program, text = command
        here = text.replace(":8787", f":{self.port}")
        run = subprocess.run(
            [*program, here], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("newcomer"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def test_every_block_has_a_language_that_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "python", "yaml", "sql", "text", "toml"}
    assert README.count("```") == 2 * len(BLOCKS)


@pytest.mark.model
@pytest.mark.parametrize("text", _blocks("sh"))
def test_commands_work(demo: Demo, text: str) -> None:
    """`make` itself is tried on a fresh clone, in tests/e2e/test_fresh_clone.py; here its targets exist."""
    if text.startswith("make"):
        for line in text.splitlines():
            subprocess.run([*line.split(), "--dry-run"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    else:
        assert demo.run("bash", "-euo", "pipefail", "-c", text).strip()


@pytest.mark.model
@pytest.mark.parametrize("text", _blocks("python"))
def test_python_works(demo: Demo, text: str) -> None:
    assert demo.run(sys.executable, "-c", text).strip()


_SHOWN = [
    pytest.param(command, language, shown, id=command.strip().splitlines()[0][:50])
    for (language, command), (after, shown) in pairwise(BLOCKS)
    if after == "text" and not command.startswith("make")
]


@pytest.mark.model
@pytest.mark.parametrize(("command", "language", "shown"), _SHOWN)
def test_what_is_shown_behind_a_block_is_what_it_prints(
    demo: Demo, command: str, language: str, shown: str
) -> None:
    program = {"sh": ("bash", "-euo", "pipefail", "-c"), "python": (sys.executable, "-c")}[language]
    assert demo.run(*program, command) == shown


@pytest.mark.model
@pytest.mark.parametrize("text", _blocks("sql"))
def test_questions_work_on_the_demos_database(demo: Demo, text: str) -> None:
    engine = sa.create_engine(f"sqlite:///{demo.folder / DATABASE_FILE}")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(text).fetchall()
    engine.dispose()
    assert rows or "trace_id" in text


@pytest.mark.postgresql
def test_questions_work_on_postgresql() -> None:
    with database() as url:
        migrate.upgrade(url)
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            for language, text in BLOCKS:
                if language == "sql":
                    assert connection.exec_driver_sql(text).fetchall() == []
        engine.dispose()


@pytest.mark.model
def test_the_output_shown_is_the_output(demo: Demo) -> None:
    shown = next(text for language, text in BLOCKS if language == "text")
    said = demo.output.read_text().replace(str(demo.port), "8787").replace(sys.executable, ".venv/bin/python")
    assert _steady(shown).strip() == _steady(said).strip()


def _steady(text: str) -> str:
    for pattern, replacement in _STEADY:
        text = pattern.sub(replacement, text)
    return text


def test_every_setting_is_shown() -> None:
    shown = next(text for language, text in BLOCKS if language == "yaml")
    missing = [name for name in _settings(Settings) if not re.search(rf"\b{name}:", shown)]
    assert missing == []


def test_the_variables_of_opentelemetry_that_are_named_are_read_and_the_others_not() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "telemetry").glob("*.py")]
    read = {name for text in sources for name in re.findall(r'"(OTEL_[A-Z_]+)"', text)}
    both = [suffix for text in sources for suffix in re.findall(r'_both\("([A-Z]+)"\)', text)]
    read |= {f"OTEL_EXPORTER_OTLP_{suffix}" for suffix in both} | {"OTEL_METRICS_EXPORTER"}
    unread = {"OTEL_METRICS_EXEMPLAR_FILTER", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"}
    assert set(re.findall(r"OTEL_[A-Z_]+", README)) - read == unread
    assert "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` with its kin are not read" in README


def _settings(kind: Any) -> Iterator[str]:
    """Yield the names of all settings under a struct."""
    for field in msgspec.structs.fields(kind):
        yield field.name
        for inner in (field.type, *getattr(field.type, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                yield from _settings(inner)


def test_the_table_of_errors_is_the_tree_of_errors() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| (?:`(\w+)`)?.*\|$", README, flags=re.MULTILINE)
    shown = {(int(status), kind, code) for status, kind, code in rows if status != "446"}
    assert shown == {(error.status, error.type, error.code or "") for error in _told(errors.HandrailError)}


def test_every_code_that_an_error_may_have_is_in_the_readme() -> None:
    section = README.partition("\n## Errors\n")[2].partition("\n## ")[0]
    given = {
        code
        for file in (ROOT / "app").rglob("*.py")
        for code in re.findall(r"\bcode(?:: str \| None)?\s?=\s?\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    assert len(given) > 20
    assert [code for code in sorted(given) if f"`{code}`" not in section] == []


def _told(kind: type[errors.HandrailError]) -> Iterator[type[errors.HandrailError]]:
    """Yield the errors that have a status of their own; a provider's has the provider's."""
    for below in kind.__subclasses__():
        if "status" in vars(below):
            yield below
        yield from _told(below)


def test_modules_that_are_said_to_be_run_are_there() -> None:
    for name in re.findall(r"python -m (tests\.[\w.]+)", README):
        assert (ROOT / f"{name.replace('.', '/')}.py").exists(), name


def test_the_table_of_targets_is_the_makefile() -> None:
    shown = set(re.findall(r"^\| `make (\w+)`", README, flags=re.MULTILINE))
    there = set(re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert shown == there - {"help", "format"}
