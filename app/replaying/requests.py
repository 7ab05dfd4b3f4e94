"""A request is put to guardrails although nobody waits for an answer: all of them hear it to the end.

What the service does with a request (`app/hearing.py`) without what comes of it: nothing is sent, restored or
put on record. Enforcing and observing guardrails speak alike, and what parts of a message spell together is
heard as well, so what comes out holds for exchanges.
"""

from collections.abc import Sequence

from app.domain.spelled_parts import in_pieces, spellings, verdicts_in_pieces
from guardrails import Conversation, Decision, Engine, Part, Verdict
from guardrails.conversation import NOTHING_KNOWN


async def hear_request(
    engine: Engine,
    parts: Sequence[Part],
    conversation: Conversation = NOTHING_KNOWN,
    target: Conversation | None = None,
) -> tuple[Verdict, ...]:
    """Return what guardrails say of a request, a verdict each, in order.

    Args:
        engine: of the guardrails.
        parts: every text of the request.
        conversation: what is known of it.
        target: the same as a provider was asked, where that is known: checks about exchanges hear both.
    """
    spelled = spellings(parts)
    heard = (*parts, *(one.part for one in spelled))
    screened = in_pieces(await engine.screen(heard, conversation), spelled)
    targets = () if target is None else (target,)
    said = verdicts_in_pieces(await engine.observe(heard, screened, conversation, targets), spelled)
    if target is None or screened.blocked is not None or not engine.examines_requests:
        return said
    examined = (await engine.examine(target)).verdicts
    new = {one.guardrail: one for one in examined if one.decision is not Decision.PASS}
    return tuple(new.get(one.guardrail, one) for one in said)
