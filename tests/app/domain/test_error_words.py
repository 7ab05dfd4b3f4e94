import pytest

from app.domain.error_words import error_word
from app.domain.errors import HandrailError, Overloaded, UpstreamRefused


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (UpstreamRefused("no", status=429, code="rate_limit_exceeded"), "rate_limit_exceeded"),
        (UpstreamRefused("no", status=429, code="quota of Anna Keller"), "429"),
        (UpstreamRefused("no", status=503), "503"),
        (Overloaded("no"), "records_backlog_full"),
    ],
    ids=["known", "a provider's own", "none", "ours"],
)
def test_an_error_has_a_word_of_few(error: HandrailError, word: str) -> None:
    assert error_word(error) == word
