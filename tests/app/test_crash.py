"""What is told where Handrail itself fails."""

from app.crash import crashed


def test_the_caller_is_sent_to_the_log_and_told_nothing_of_the_cause() -> None:
    error = crashed()
    assert (error.status, error.code) == (500, "internal_error")
    assert error.message == "Handrail failed; its log says why under this request id."
