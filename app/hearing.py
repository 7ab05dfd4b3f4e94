"""The hearing of one exchange: guardrails hear its request as it came, and as each target is to be asked.

What only observes hears the same, when the answer is out. The counterpart for answers is `app/screening.py`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from app.account import Account, Call
from app.beside import Beside
from app.domain.conversation import chosen_headers, conversation_of
from app.domain.errors import InvalidRequest
from app.domain.json_leaves import json_parts
from app.domain.json_text import Redactions, replace_members
from app.domain.model_request import ModelRequest
from app.domain.part_list import PartList, TooManyTexts
from app.domain.parts import request_parts
from app.domain.spelled_parts import Spelling, in_pieces, spellings, verdicts_in_pieces
from guardrails import Conversation, Decision, Engine, Part, PartKind, Screening, Side, Vault, Verdict
from guardrails.conversation import NOTHING_KNOWN
from guardrails.placing import Covered

Headers = tuple[tuple[str, str], ...]


class Hearing:
    """That of one exchange.

    Args:
        call: whose it is.
        account: takes verdicts.
        vault: what stands for what in redacted texts.
    """

    def __init__(self, call: Call, account: Account, vault: Vault) -> None:
        self._call = call
        self._account = account
        self._vault = vault
        self._observers: dict[Engine, _Heard] = {}
        """Engines in which somebody only observes, and what they are yet to hear."""
        self.covered: tuple[Covered, ...] = ()
        """What was taken out of the request before any other guardrails hear it."""
        self.beside: Beside | None = None
        """Guardrails that hear the request while a provider is already asked."""
        self._parts: tuple[Mapping[str, Any], tuple[Part, ...]] = ({}, ())

    @property
    def is_due(self) -> bool:
        """Whether somebody is yet to observe."""
        return bool(self._observers)

    async def request(self, request: ModelRequest, engine: Engine) -> Screening:
        """Let an engine hear the request of the exchange, and the metadata that came beside it."""
        screened = await self.screen(request, engine, defers=True)
        if screened.rest is not None:
            self.beside = Beside(lambda: self._hear_rest(engine, screened))
        self.covered = (screened.covered,) if screened.covered else ()
        metadata = self._account.metadata
        if metadata is not None:
            with bearable():
                parts = json_parts(metadata, "", PartKind.FIELD, "", PartList())
            said = await engine.screen_texts(parts)
            hidden = replace_members(metadata, "", Redactions.of(said.redacted))
            self._account.metadata = None if said.blocked is not None else hidden
        return screened

    async def allows(self) -> bool:
        """Wait for guardrails that hear the request beside a provider; return whether they let it pass."""
        return self.beside is None or await self.beside.verdict() is None

    async def screen(
        self,
        request: ModelRequest,
        engine: Engine,
        earlier: tuple[Covered, ...] = (),
        *,
        defers: bool = False,
    ) -> Screening:
        """Let an engine hear a request.

        Args:
            request: the request.
            engine: who hears it.
            earlier: what screenings before have left out of it, each of what the one before had left.
            defers: whether guardrails that allow it may be heard later.

        Raises:
            InvalidRequest: it has too many texts, or tokens that a guardrail would have to read.
        """
        heard = await self._heard(request, engine, earlier, defers=defers)
        self._account.hear(heard.screened.verdicts)
        self._account.is_screened = True
        if engine.observes_input:
            self._observers[engine] = heard
        return heard.screened

    async def rewritten(self, request: ModelRequest, engine: Engine) -> Screening:
        """Let an engine hear a request once more, with what the caller's own guardrails wrote into it.

        What is found only now stands nowhere in the request as it came. On record its place is the config.

        Raises:
            InvalidRequest: it has too many texts.
        """
        screened = (await self._heard(request, engine)).screened
        self.note(screened, "config")
        return screened

    def note(self, screened: Screening, place: str) -> None:
        """Put on record what was found in texts that go with a request and do not stand in it.

        Args:
            screened: what was said about them, by guardrails that have heard the request.
            place: where they are, on record.
        """
        before = {one.guardrail: one for one in self._account.verdicts if one.side is Side.INPUT}
        found = (one for one in screened.verdicts if one.decision is not Decision.PASS)
        self._account.hear(tuple(_added(one, before, place) for one in found))

    async def target(
        self, request: ModelRequest, target: str, engine: Engine, added: Collection[Engine]
    ) -> Verdict | None:
        """Let checks about exchanges hear a request as a target is to be asked.

        Args:
            request: with what a config changes.
            target: `@provider/model`.
            engine: of all guardrails that apply here.
            added: of those of them that do because of the way to this target.

        Returns:
            The verdict of a guardrail that forbids it.
        """
        if not engine.examines_requests:
            return None
        conversation = self.conversation(request, engine, target)
        for one, heard in self._observers.items():
            if not added or one in added or one is next(iter(self._observers)):
                heard.targets.append(conversation)
        screened = await engine.examine(conversation)
        self._account.hear(tuple(one for one in screened.verdicts if one.decision is not Decision.PASS))
        return screened.blocked

    async def model(self, name: str, engine: Engine) -> Verdict | None:
        """Let an engine hear the name of a model that a caller wrote; return the verdict that forbids it.

        Raises:
            InvalidRequest: something in it should be redacted, and then it is no model's name any more.
        """
        said = await engine.screen_texts([Part("model", name, PartKind.FIELD, "")], local=True)
        self.note(said, "model")
        self._account.hides_model |= said.blocked is not None or bool(said.redacted)
        if said.redacted and said.blocked is None:
            raise InvalidRequest(
                "The model's name holds what a guardrail takes out of requests; ask for a model by its name.",
                param="model",
                code="model_name_refused",
            )
        return said.blocked

    async def headers(self, sent: Headers, engine: Engine) -> Verdict | None:
        """Let an engine hear headers that a provider gets; return the verdict that forbids them.

        Raises:
            InvalidRequest: something in one should be redacted; what would be left of it may mean anything.
        """
        parts = [Part(f"headers.{name}", value, PartKind.FIELD, "") for name, value in sent]
        said = await engine.screen_texts(parts, local=True)
        self.note(said, "headers")
        if said.redacted and said.blocked is None:
            name = next(iter(said.redacted)).removeprefix("headers.")
            raise InvalidRequest(
                f"The header {name} holds what a guardrail takes out of requests; it cannot be forwarded.",
                param=name,
                code="header_refused",
            )
        return said.blocked

    def conversation(self, request: ModelRequest, engine: Engine, target: str = "") -> Conversation:
        """Return what an engine needs to know of a request; nothing, if it looks at texts alone."""
        if not engine.needs_conversation:
            return NOTHING_KNOWN
        headers = chosen_headers(self._call.headers, engine.headers) if engine.headers else None
        known = conversation_of(request, self._parts_of(request), self._call.metadata, headers)
        return msgspec.structs.replace(known, target=target)

    async def observe(self) -> None:
        """Let those hear all of it who only observe."""
        for engine, heard in self._observers.items():
            said = await engine.observe(heard.parts, heard.screened, heard.conversation, heard.targets)
            placed = bool(heard.screened.earlier)
            self._account.hear(verdicts_in_pieces(said, heard.spelled, placed=placed))

    async def _heard(
        self,
        request: ModelRequest,
        engine: Engine,
        earlier: tuple[Covered, ...] = (),
        *,
        defers: bool = False,
    ) -> "_Heard":
        if request.unreadable is not None and engine.reads_requests:
            raise _unreadable(request.unreadable)
        parts = self._parts_of(request)
        conversation = self.conversation(request, engine)
        spelled = spellings(parts)
        heard = (*parts, *(one.part for one in spelled)) if spelled else parts
        screened = await engine.screen(heard, conversation, vault=self._vault, earlier=earlier, defers=defers)
        if spelled:
            screened = in_pieces(screened, spelled)
        return _Heard(heard, screened, conversation, spelled)

    async def _hear_rest(self, engine: Engine, screened: Screening) -> Verdict | None:
        assert screened.rest is not None
        screened = in_pieces(await screened.rest(), spellings(self._parts[1]))
        self._account.hear(screened.verdicts)
        heard = self._observers.get(engine)
        if heard is not None:
            self._observers[engine] = msgspec.structs.replace(heard, screened=screened)
        return screened.blocked

    def _parts_of(self, request: ModelRequest) -> tuple[Part, ...]:
        document, parts = self._parts
        if document is not request.document:
            with bearable():
                parts = request_parts(request.document)
            self._parts = (request.document, parts)
        return parts


@contextmanager
def bearable() -> Iterator[None]:
    """Turn what has too many texts into the caller's mistake."""
    try:
        yield
    except TooManyTexts as error:
        raise InvalidRequest(str(error), code="too_many_texts") from error


def _added(verdict: Verdict, before: Mapping[str, Verdict], place: str) -> Verdict:
    """Return a verdict about another place than the request, with what its guardrail found before.

    A finding there covers no characters of the request, so nothing is hidden in it on record.
    """
    late = (msgspec.structs.replace(one, part=place, start=0, end=0) for one in verdict.findings)
    known = before[verdict.guardrail].findings if verdict.guardrail in before else ()
    return msgspec.structs.replace(verdict, findings=(*known, *late))


def _unreadable(path: str) -> InvalidRequest:
    return InvalidRequest(
        f"`{path}` holds tokens, which the guardrails of this request cannot read: send the text itself.",
        param=path,
        code="unreadable_input",
    )


class _Heard(msgspec.Struct, frozen=True):
    """What an engine has heard."""

    parts: tuple[Part, ...]
    screened: Screening
    conversation: Conversation
    spelled: tuple[Spelling, ...] = ()
    targets: list[Conversation] = msgspec.field(default_factory=list)
