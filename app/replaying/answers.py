"""An answer is put to guardrails although nobody gets it: the counterpart of `requests.py`.

A document on record takes the path of an answer that a provider has just given whole (`app/screening.py`):
every choice, tool arguments as they decode, log probabilities, unknown fields. A streamed one was recorded as
the same document, and gives the same verdicts however it was cut.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app.domain.operation import Operation
from app.screening import Screening
from app.wire.openai.completion import events_of_completion
from app.wire.openai.document import events_of_document
from guardrails import Conversation, Engine, OutputScreen, Part, Verdict
from guardrails.conversation import NOTHING_KNOWN


async def hear_answer(
    engine: Engine,
    document: dict[str, Any],
    operation: Operation = Operation.CHAT,
    conversation: Conversation = NOTHING_KNOWN,
) -> tuple[Verdict, ...]:
    """Return what guardrails say of an answer, a verdict each, in order.

    Args:
        engine: of the guardrails.
        document: of a completion, as `app/wire/openai/fold.py` makes it.
        operation: what was asked for; one that answers in words.
        conversation: what is known of the request.

    Raises:
        HandrailError: it is no such document.
        TooManyTexts: it holds more than can be screened.
    """
    screen = engine.output(conversation, whole=True)
    screening = Screening(screen)
    read = events_of_completion if operation is Operation.COMPLETION else events_of_document
    for event in read(document):
        await screening.feed(event)
        if screening.blocked is not None:
            break
    await screening.close()
    return await _heard(screen)


async def hear_texts(
    engine: Engine, texts: Iterable[Sequence[Part]], *, whole: bool = True
) -> tuple[Verdict, ...]:
    """Return what guardrails say of texts of an answer, a verdict each, in order.

    Args:
        engine: of the guardrails.
        texts: each as the pieces in which it comes, at least one.
        whole: whether nothing may be released before a text's end, as where no stream was asked for.
    """
    screen = engine.output(whole=whole)
    for pieces in texts:
        for piece in pieces:
            await screen.feed(piece)
        await screen.finish(pieces[0].path)
    return await _heard(screen)


async def _heard(screen: OutputScreen) -> tuple[Verdict, ...]:
    """End an answer that has come, and let everybody hear it who has not."""
    await screen.complete()
    await screen.tell()
    await screen.close()
    return screen.verdicts()
