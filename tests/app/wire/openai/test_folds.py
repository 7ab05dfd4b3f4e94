from app.domain.events import COMPLETION_TEXT, ChoiceFinished, Embedded, Started, TextDelta
from app.domain.operation import Operation
from app.wire.openai.folds import fold_of


def test_each_operation_has_the_document_of_its_kind() -> None:
    kinds = {}
    for operation in set(Operation) - {Operation.PROXY}:
        fold = fold_of(operation)
        for event in (
            Started({"id": "x"}),
            TextDelta(0, COMPLETION_TEXT, "a"),
            ChoiceFinished(0, "stop", {}),
            Embedded(0, [1.0]),
        ):
            fold.add(event)
        kinds[operation] = fold.document()["object"]
    assert kinds == {"chat": "chat.completion", "text_completion": "text_completion", "embeddings": "list"}
