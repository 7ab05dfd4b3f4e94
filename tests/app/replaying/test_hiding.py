from app.recording import record_redactor
from app.replaying.hiding import hiding
from guardrails import Redactor


def test_names_that_could_hold_something_are_redacted() -> None:
    made: list[Redactor] = []

    def redactor() -> Redactor:
        made.append(record_redactor())
        return made[-1]

    hide = hiding({"Known 4111 1111 1111 1111"}, redactor)
    assert [hide(name) for name in ("plain-name", "Known 4111 1111 1111 1111")] == [
        "plain-name",
        "Known 4111 1111 1111 1111",
    ]
    assert made == []
    assert hide("mail 4111 1111 1111 1111") == "mail [CARD]"
    assert hide("Other 4111 1111 1111 1111") == "Other [CARD]"
    assert len(made) == 1
