from app.records.protection import Protection
from app.records.subjects import subjects_of
from app.secret import Secret


def test_a_person_is_looked_for_hidden_and_not() -> None:
    hidden = Protection(subject_key=b"at-least-16-characters").subject("anna")
    assert subjects_of("anna", Secret("at-least-16-characters")) == ("anna", hidden)
    assert subjects_of("anna", None) == ("anna",)
