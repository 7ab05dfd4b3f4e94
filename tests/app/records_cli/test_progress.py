import io

from app.records_cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_far_it_is_and_how_long_it_will_take() -> None:
    stream, times = Terminal(), iter([0.0, 1.0, 1.0, 1.0, 1.05, 2.0, 2.0, 2.0, 4.0])
    progress = Progress(stream, "exchanges", 4000, lambda: next(times))
    progress.tell(1000)
    progress.tell(1001)
    progress.tell(2000)
    progress.end()
    first, second, last = stream.getvalue().split("\r")[1:]
    assert first == "██████░░░░░░░░░░░░░░░░░░  25%  1,000 of 4,000 exchanges, 1,000/s, 3 s left\x1b[K"
    assert " 50%  2,000 of 4,000" in second
    assert last.endswith("500/s, 4 s left\x1b[K\n")


def test_without_a_total_it_counts_and_without_a_terminal_it_is_silent() -> None:
    stream = Terminal()
    progress = Progress(stream, "rows", None, iter([0.0, 2.0, 2.0, 2.0]).__next__)
    progress.tell(10)
    assert stream.getvalue() == "\r10 rows, 5/s\x1b[K"
    silent = io.StringIO()
    quiet = Progress(silent, "rows", 10)
    quiet.tell(10)
    quiet.end()
    assert silent.getvalue() == ""
