import io
import logging
from typing import Any

import pytest

from telemetry.exceptions import shapes, write_shapes
from telemetry.log import Format, configure, logger

PLANTED = "planted-4111"


def thrown(error: BaseException) -> Any:
    """Return the exception as it is caught."""
    try:
        raise error  # noqa: TRY301 (to be caught is what it is for)
    except BaseException as caught:  # noqa: BLE001 (whatever it is)
        return type(caught), caught, caught.__traceback__


def chained() -> Exception:
    held = PLANTED
    try:
        try:
            int(held)
        except ValueError as error:
            raise KeyError(held) from error
    except KeyError as error:
        error.add_note(held)
        try:
            raise TypeError(held)  # noqa: TRY301 (as above)
        except TypeError as last:
            return last
    raise AssertionError


def grouped() -> Exception:
    return ExceptionGroup(PLANTED, [OSError(PLANTED), ExceptionGroup(PLANTED, [chained()])])


def undecodable() -> Exception:
    try:
        f"{PLANTED}\udcff".encode()
    except UnicodeEncodeError as error:
        return error
    raise AssertionError


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("format_", ["json", "pretty"])
@pytest.mark.parametrize("by_logging", [True, False])
@pytest.mark.parametrize("error", [chained(), grouped(), undecodable()], ids=["chained", "group", "codec"])
def test_no_line_says_what_an_exception_says(format_: Format, by_logging: bool, error: Exception) -> None:
    stream = io.StringIO()
    configure("info", format_, stream)
    if by_logging:
        logging.getLogger("other").error("failed", exc_info=thrown(error))
    else:
        logger("app").error("failed", exc_info=error)

    assert type(error).__name__ in stream.getvalue()
    assert "test_exceptions.py" in stream.getvalue()
    assert PLANTED not in stream.getvalue()


def test_a_chain_is_told_from_its_end_with_how_it_hangs_together() -> None:
    assert [(one["exc_type"], one["is_cause"]) for one in shapes(thrown(chained()))] == [
        ("TypeError", False),
        ("KeyError", False),
        ("ValueError", True),
    ]


def test_what_was_raised_from_nothing_has_nothing_behind_it() -> None:
    error = ValueError()
    error.__context__, error.__cause__ = KeyError(), None
    assert len(shapes(thrown(error))) == 1


def test_a_frame_is_a_file_a_line_and_a_function() -> None:
    (shape,) = shapes(thrown(ValueError()))
    assert [frame.keys() for frame in shape["frames"]] == [{"filename", "lineno", "name"}]
    assert (shape["frames"][0]["filename"], shape["frames"][0]["name"]) == (__file__, "thrown")


def test_the_members_of_a_group_are_chains_of_their_own() -> None:
    (shape,) = shapes(thrown(grouped()))
    (missing,), (inner,) = shape["exceptions"]
    assert (missing["exc_type"], inner["exc_type"]) == ("OSError", "ExceptionGroup")
    assert [one["exc_type"] for one in inner["exceptions"][0]] == ["TypeError", "KeyError", "ValueError"]


def test_a_circle_ends() -> None:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert len(shapes((ValueError, one, None))) == 2


def test_a_recursion_keeps_its_ends() -> None:
    def outermost() -> None:
        deeper(200)

    def deeper(left: int) -> None:
        if left == 0:
            raise ValueError
        deeper(left - 1)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (it says nothing)
        outermost()
    (shape,) = shapes((ValueError, caught.value, caught.tb))
    assert len(shape["frames"]) == 50
    assert [shape["frames"][place]["name"] for place in (1, -1)] == ["outermost", "deeper"]


def test_a_crowd_is_cut() -> None:
    crowd = ExceptionGroup("x", [ValueError() for _ in range(1000)])
    (shape,) = shapes((ExceptionGroup, crowd, None))
    assert sum(map(bool, shape["exceptions"])) == 31


def test_a_class_of_a_library_has_its_module() -> None:
    class Odd(Exception):
        """Not a built-in."""

    (shape,) = shapes((Odd, Odd(), None))
    assert shape["exc_type"].startswith(f"{__name__}.")


def test_on_a_terminal_members_are_marked() -> None:
    stream = io.StringIO()
    write_shapes(stream, thrown(grouped()))
    lines = stream.getvalue().splitlines()
    assert lines[0] == ""
    assert "      | OSError" in lines
    assert "      |   | caused by ValueError" in lines
    assert all(line.startswith("    ") for line in lines[1:])
