import datetime as dt
import io
import json
import logging
import logging.config
import time
import warnings
from typing import Any

import pytest

from telemetry.log import Format, configure, logger, server_logging

pytestmark = pytest.mark.usefixtures("logging_restored")


def configured(level: str = "info", format_: Format = "json") -> io.StringIO:
    stream = io.StringIO()
    configure(level, format_, stream)
    return stream


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_a_json_object_with_time_level_name_and_event_first() -> None:
    stream = configured()
    logger("app.api").info("exchange", exchange_id="0198", trace_id="4bf9", span_id="00f0", status=200)

    (line,) = lines_of(stream)
    stamp = dt.datetime.fromisoformat(line.pop("timestamp"))
    assert stamp.utcoffset() == dt.timedelta(0)
    assert abs(stamp.timestamp() - time.time()) < 5
    assert list(line.items()) == [
        ("level", "info"),
        ("logger", "app.api"),
        ("event", "exchange"),
        ("exchange_id", "0198"),
        ("trace_id", "4bf9"),
        ("span_id", "00f0"),
        ("status", 200),
    ]


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("debug", ["d", "i", "w", "e"]),
        ("info", ["i", "w", "e"]),
        ("warning", ["w", "e"]),
        ("error", ["e"]),
    ],
)
def test_lines_below_the_level_are_not_written(level: str, events: list[str]) -> None:
    stream = configured(level)
    log = logger("app")
    log.debug("d")
    log.info("i")
    log.warning("w")
    log.error("e")

    assert [line["event"] for line in lines_of(stream)] == events


def test_a_log_made_before_it_is_configured_writes_where_it_was_configured_last() -> None:
    log = logger("app")
    first = configured()
    log.info("one")
    second = configured()
    log.info("two")

    assert [line["event"] for line in lines_of(first)] == ["one"]
    assert [line["event"] for line in lines_of(second)] == ["two"]


@pytest.mark.parametrize(("level", "format_"), [("loud", "json"), ("info", "xml"), ("INFO", "json")])
def test_an_unknown_level_or_format_is_an_error_that_names_the_known_ones(level: str, format_: Any) -> None:
    with pytest.raises(ValueError, match="debug, info, warning, error; auto, json, pretty"):
        configure(level, format_, io.StringIO())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_auto_is_pretty_on_a_terminal_and_json_elsewhere() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    configure("info", "auto", terminal)
    logger("app").info("started", port=8787)
    configure("info", "auto", pipe)
    logger("app").info("started", port=8787)

    assert "\x1b[" in terminal.getvalue()
    assert "started" in terminal.getvalue()
    assert lines_of(pipe)[0]["port"] == 8787


def test_pretty_without_a_terminal_has_no_colours() -> None:
    stream = configured(format_="pretty")
    logger("app").info("started", port=8787)

    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().split("Z ", 1)[1].split() == ["[info", "]", "started", "[app]", "port=8787"]


# What `logging` says.


@pytest.mark.parametrize("format_", ["json", "pretty"])
def test_lines_of_other_libraries_look_like_ours(format_: Format) -> None:
    stream = configured(format_=format_)
    logging.getLogger("other.library").info("Running upgrade %s -> %s", "a", "b")

    if format_ == "json":
        (line,) = lines_of(stream)
        assert line.pop("timestamp").endswith("Z")
        assert line == {"level": "info", "logger": "other.library", "event": "Running upgrade a -> b"}
    else:
        assert "Running upgrade a -> b" in stream.getvalue()
        assert "[other.library]" in stream.getvalue()


def test_debug_lines_of_other_libraries_are_never_written() -> None:
    stream = configured("debug")
    logging.getLogger("urllib3").debug("authorization: Bearer sk-1")

    assert not stream.getvalue()


def test_lines_of_other_libraries_are_written_once_however_often_it_is_configured() -> None:
    configured()
    stream = configured()
    logging.getLogger("alembic").warning("once")

    assert len(lines_of(stream)) == 1


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (
            "Task exception was never retrieved\nfuture: <Task coro=<ask()> exception=ValueError('sk-1')>",
            "Task exception was never retrieved",
        ),
        ("Exception in callback send(b'sk-1') at app.py:7\nhandle: <Handle>", "Exception in callback send"),
        ("Executing <Task coro=<ask('sk-1')>> took 0.2 s", "Executing"),
    ],
)
def test_what_asyncio_shows_of_values_is_left_out(said: str, written: str) -> None:
    stream = configured()
    logging.getLogger("asyncio").error(said)

    (line,) = lines_of(stream)
    assert (line["logger"], line["event"]) == ("asyncio", written)


def test_warnings_become_lines() -> None:
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old thing", stacklevel=1)

    (line,) = lines_of(stream)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "old thing" in line["event"]


@pytest.mark.parametrize("server_first", [True, False])
def test_the_servers_lines_go_the_way_of_all_others(
    server_first: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if server_first:
        from granian.log import LogLevels, configure_logging  # noqa: PLC0415 (changes logging as it is imported)

        configure_logging(LogLevels.info)
    stream = configured()
    if not server_first:
        logging.config.dictConfig(server_logging())
    logging.getLogger("_granian").info("Starting granian")

    assert [line["event"] for line in lines_of(stream)] == ["Starting granian"]
    assert not capsys.readouterr().out


# Exceptions.


SECRET = "hunter-2"


def failing(secret: str) -> None:
    try:
        int(secret[:0])
    except ValueError as error:
        raise KeyError("no such row") from error


@pytest.mark.parametrize("by_logging", [True, False])
def test_an_exception_is_a_structure_of_types_and_places(by_logging: bool) -> None:
    stream = configured()
    try:
        failing(SECRET)
    except KeyError as error:
        if by_logging:
            logging.getLogger("granian").exception("failed")
        else:
            logger("app").error("failed", exc_info=error)

    (line,) = lines_of(stream)
    thrown, cause = line["exception"]
    assert "exc_info" not in line
    assert thrown["exc_type"] == "KeyError"
    assert (cause["exc_type"], cause["is_cause"]) == ("ValueError", True)
    assert [frame["name"] for frame in thrown["frames"]][-1] == "failing"
    assert SECRET not in stream.getvalue()


def test_an_exception_on_a_terminal_stands_indented_below_its_line() -> None:
    stream = configured(format_="pretty")
    try:
        failing(SECRET)
    except KeyError as error:
        logger("app").error("failed", exc_info=error)

    first, *rest = stream.getvalue().splitlines()
    assert "failed" in first
    assert [line for line in rest if line.endswith("Error")] == ["    KeyError", "    caused by ValueError"]
    assert all(line.startswith("    ") for line in rest if line)
    assert SECRET not in stream.getvalue()
