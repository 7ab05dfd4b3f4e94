from opentelemetry.semconv._incubating.attributes.gen_ai_attributes import GenAiOperationNameValues

from app.domain.operation import Operation


def test_the_words_are_those_of_the_convention() -> None:
    known = {value.value for value in GenAiOperationNameValues}
    assert {operation.value for operation in Operation} - {Operation.PROXY} <= known


def test_checks_know_them_by_portkeys_words() -> None:
    assert [operation.request_type for operation in Operation] == [
        "chatComplete",
        "complete",
        "embed",
        "proxy",
    ]


def test_vectors_say_nothing_and_what_is_passed_on_nothing_that_is_read() -> None:
    assert [one for one in Operation if not one.answers_in_words] == [Operation.EMBEDDINGS, Operation.PROXY]
