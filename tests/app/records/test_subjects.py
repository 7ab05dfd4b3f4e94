from app.records.protection import Protection
from app.records.subjects import subjects_of
from app.secret import Secret

PLAIN = "55579b557896d0ce1764c47fed644f9b35f58bad620674af23f356d80ed0c503"
"""SHA-256 of `anna`."""


def test_a_person_is_looked_for_hidden_and_not() -> None:
    hidden = Protection(subject_key=b"at-least-16-characters").subject("anna")
    assert subjects_of("anna", Secret("at-least-16-characters")) == ("anna", PLAIN, hidden)
    assert subjects_of("anna", None) == ("anna", PLAIN)
