import io
import json
import logging
import re
import threading
import time
from typing import Any, TextIO

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry.lines import Lines, json_line, terminal_line
from telemetry.log import configure, logger

texts = st.text(st.characters() | st.characters(categories=("Cs", "Cc", "Zl")), max_size=30)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@given(texts, st.dictionaries(st.sampled_from(["model", "caller", "message"]), values))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_json_line_is_one_line_that_strict_readers_take(event: str, fields: dict[str, Any]) -> None:
    line = json_line(None, "info", {"event": event, **fields})

    assert line.isascii()
    assert line.isprintable()
    assert msgspec.json.decode(line).keys() == {"event", *fields}
    assert json.loads(line)["event"] == event.encode(errors="replace").decode()


@given(texts, st.dictionaries(st.sampled_from(["model", "caller", "message"]), values))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_line_on_a_terminal_has_nothing_unprintable(event: str, fields: dict[str, Any]) -> None:
    line = terminal_line(colors=False)(None, "info", {"event": event, **fields})

    assert line.isprintable()


def test_text_that_is_fine_comes_out_as_it_went_in() -> None:
    line = json_line(None, "info", {"event": "exchange", "model": "模型 😀 é", "share": 0.5, "none": None})

    assert json.loads(line) == {"event": "exchange", "model": "模型 😀 é", "share": 0.5, "none": None}


class Cell:
    def __repr__(self) -> str:
        return "<Cell \n>"


def test_what_json_cannot_hold_becomes_its_repr() -> None:
    loop: list[object] = []
    loop.append(loop)
    line = json_line(
        None,
        "info",
        {
            "event": "e",
            "cell": Cell(),
            "share": float("nan"),
            "seed": 10**5000,
            "loop": loop,
            "pair": (1, {2: "\ud800"}),
        },
    )
    found = json.loads(line)

    assert found["cell"] == "<Cell \n>"
    assert found["share"] == "nan"
    assert found["seed"].startswith("0x")
    assert str(found["loop"]).count("[") < 20
    assert found["pair"] == [1, {"2": "?"}]


FORGED = 'x"}\n{"timestamp":"2026","event":"forged"}\r\n2026-11-22T00:00:00Z [error] forged\x1b[2J\u2028'


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("format_", ["json", "pretty"])
def test_nobody_can_forge_a_line(format_: Any) -> None:
    stream = io.StringIO()
    configure("info", format_, stream)
    try:
        raise ValueError(FORGED)  # noqa: TRY301 (the log's view of an exception is what is tested)
    except ValueError as error:
        logger("app").error(FORGED, model=FORGED, nested=[FORGED], exc_info=error)
    logging.getLogger("other").warning("%s", FORGED)

    lines = stream.getvalue().splitlines()
    begun = [line for line in lines if line.startswith("{") or re.match(r"\d{4}-", line)]
    assert len(begun) == 2
    assert all(line.startswith("    ") for line in lines if line not in begun and line)
    assert "\x1b" not in stream.getvalue()


class Broken(io.StringIO):
    """A stream that fails with what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "no space"), ValueError("closed file")])
def test_a_line_that_cannot_be_written_harms_nobody(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", "json", Broken(error))
    logger("app").info("lost")
    logging.getLogger("other").warning("lost")

    assert not capsys.readouterr().err


def test_a_terminal_that_knows_less_letters_gets_escapes() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="latin-1")
    Lines(terminal).line("é 模")

    assert raw.getvalue() == b"\\xe9 \\u6a21\n"


class Torn(io.StringIO):
    """Writes by the letter, as a slow pipe does, so that two writers would mix."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[str] = []

    def write(self, text: str) -> int:
        for letter in text:
            self.letters.append(letter)
            time.sleep(0)
        return len(text)


def test_lines_of_several_threads_do_not_mix() -> None:
    torn = Torn()
    lines = Lines(torn)

    def write(letter: str) -> None:
        for _ in range(20):
            lines.line(letter * 20)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {len(set(line)) for line in "".join(torn.letters).splitlines()} == {1}


def test_every_line_is_flushed(tmp_path: Any) -> None:
    stream: TextIO
    with (tmp_path / "log").open("w") as stream:
        Lines(stream).line("now")

        assert (tmp_path / "log").read_text() == "now\n"


class Spoken(io.StringIO):
    """A stream in whose first writing something else has a line to write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Lines | None = None

    def write(self, text: str) -> int:
        lines, self.lines = self.lines, None
        if lines is not None:
            lines.line("second")
        return super().write(text)


def test_what_has_a_line_while_one_is_written_has_it_behind_that() -> None:
    stream = Spoken()
    stream.lines = lines = Lines(stream)
    writing = threading.Thread(target=lines.line, args=("first",), daemon=True)
    writing.start()
    writing.join(timeout=5)

    assert not writing.is_alive()
    assert stream.getvalue() == "first\nsecond\n"
