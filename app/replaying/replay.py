"""One exchange on record is put to a candidate's guardrails, and held against what they said then.

Each side is heard by itself, an answer also where the candidate would have blocked its request: so every
check is compared on all that is there.

What had an effect then and has none now may have lost it, or what it stood on may not be on record any more.
The second is never taken for the first: where a body was recorded redacted, or an answer was changed on its
way, or a side is not there at all, it is `unknown`, if the candidate could have done the same.
"""

import json
from typing import Any

import msgspec

from app.domain.conversation import conversation_of
from app.domain.errors import HandrailError
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.domain.part_list import TooManyTexts
from app.domain.parts import request_parts
from app.records.plain_rows import PlainRow
from app.records.whole_exchanges import RecordedExchange
from app.replaying.answers import hear_answer
from app.replaying.bodies import Body, Missing, answer_of, is_altered, not_replayed, request_of
from app.replaying.candidate import Candidate, Chosen, can_have, is_untried, possible_effects
from app.replaying.effects import Effect, Mark, marks
from app.replaying.past import Hide, said_before
from app.replaying.requests import hear_request
from app.wire.openai.asked_texts import tokens_in
from guardrails import Conversation, Part, Side, Verdict
from guardrails.conversation import NOTHING_KNOWN

_ASKED = {Operation.COMPLETION: "prompt", Operation.EMBEDDINGS: "input"}
"""Where what is asked may be tokens."""


class ReplayedSide(msgspec.Struct, frozen=True):
    """One side of an exchange, then and now."""

    side: Side
    then: tuple[Verdict, ...]
    now: tuple[Verdict, ...] = ()
    missing: Missing | None = None
    """Why it was not heard; None: it was."""
    is_redacted: bool = False
    """Whether its body was recorded without what had been found."""
    is_altered: bool = False
    """Whether a guardrail had changed or cut it before."""
    unknown: frozenset[Mark] = frozenset()
    """Of what was done then: of which nobody can tell whether the candidate would have done it."""
    may: frozenset[Effect] = frozenset()
    """What of which nobody can tell whether any guardrail would have done it."""


class Replayed(msgspec.Struct, frozen=True):
    """An exchange, then and now."""

    id: str
    trace_id: str
    sides: tuple[ReplayedSide, ...] = ()
    missing: Missing | None = None
    """Why nothing of it was heard."""


async def replay(candidate: Candidate, recorded: RecordedExchange, hide: Hide) -> Replayed:
    """Put an exchange to a candidate.

    Args:
        candidate: the guardrails.
        recorded: the exchange, its bodies decrypted where that can be.
        hide: as `said_before` takes it.
    """
    row = recorded.exchange
    missing = not_replayed(row)
    if missing is not None:
        return Replayed(row["id"], row["trace_id"], missing=missing)
    then = said_before(recorded, hide)
    chosen = candidate.choose(row, [one["guardrail"] for one in recorded.children["verdicts"]])
    request, answer = request_of(recorded), answer_of(recorded)
    sides = (
        await _side(recorded, Side.INPUT, request, _Hearing(chosen, row, request), then),
        await _side(recorded, Side.OUTPUT, answer, _Hearing(chosen, row, request), then),
    )
    return Replayed(row["id"], row["trace_id"], sides)


class _Hearing:
    """Lets the guardrails of one exchange hear its sides."""

    def __init__(self, chosen: Chosen, row: PlainRow, request: Body | Missing) -> None:
        self.chosen = chosen
        self._row = row
        self._request = request

    async def heard(self, side: Side, body: Body) -> tuple[Verdict, ...] | Missing:
        """Return what they say of a side; why not, if they cannot hear it."""
        try:
            if side is Side.INPUT:
                return await self._input(body.document)
            operation = Operation(self._row["operation"])
            return await hear_answer(self.chosen.engine, body.document, operation, self._known()[1])
        except (HandrailError, TooManyTexts):
            return Missing.UNREADABLE

    async def _input(self, document: dict[str, Any]) -> tuple[Verdict, ...] | Missing:
        engine = self.chosen.engine
        asked = _ASKED.get(Operation(self._row["operation"]))
        if asked is not None and engine.reads_requests and tokens_in(document, asked) is not None:
            return Missing.TOKENS
        parts, known = self._known()
        target = None
        if known is not NOTHING_KNOWN and known.model != self._target:
            target = msgspec.structs.replace(known, target=self._target) if self._target else None
        return await hear_request(engine, parts, known, target)

    @property
    def _target(self) -> str:
        return f"@{self._row['provider']}/{self._row['model']}" if self._row["provider"] else ""

    def _known(self) -> tuple[tuple[Part, ...], Conversation]:
        """Return the texts of the request, and what else guardrails need to know of it."""
        if not isinstance(self._request, Body):
            return (), NOTHING_KNOWN
        row, document = self._row, self._request.document
        parts = request_parts(document)
        if not self.chosen.engine.needs_conversation:
            return parts, NOTHING_KNOWN
        metadata = json.loads(row["metadata"]) if row["metadata"] else None
        request = ModelRequest(document, row["requested_model"] or "", operation=Operation(row["operation"]))
        return parts, conversation_of(request, parts, metadata)


async def _side(
    recorded: RecordedExchange, side: Side, body: Body | Missing, hearing: _Hearing, then: tuple[Verdict, ...]
) -> ReplayedSide:
    then = tuple(one for one in then if one.side is side)
    heard = await hearing.heard(side, body) if isinstance(body, Body) else body
    missing = heard if isinstance(heard, Missing) else None
    now = () if isinstance(heard, Missing) else heard
    is_redacted = isinstance(body, Body) and body.is_redacted
    altered = is_altered(recorded, side)
    guardrails = hearing.chosen.guardrails
    is_partial = missing is not None or is_redacted or altered
    gone = marks(then) - marks(now)
    return ReplayedSide(
        side=side,
        then=then,
        now=now,
        missing=missing,
        is_redacted=is_redacted,
        is_altered=altered,
        unknown=frozenset(
            mark
            for mark in gone
            if is_untried(guardrails, mark) or (is_partial and can_have(guardrails, mark))
        ),
        may=frozenset(mark.effect for mark in gone if is_untried(guardrails, mark))
        | (possible_effects(guardrails, side) if is_partial else frozenset()),
    )
