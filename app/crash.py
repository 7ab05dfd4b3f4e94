"""What is told where Handrail itself fails: the one error whose cause nobody outside may read."""

from app.domain.errors import InternalError


def crashed() -> InternalError:
    """Return the error that says it. Whoever catches the cause logs it."""
    return InternalError("Handrail failed; its log says why under this request id.")
