"""What each target of a route is asked: the request as screened, with what the config changes and adds.

Guardrails of a config's nodes come on top of those of the gateway, the key and the request; so do those that
are for the target's model. They hear the request once, however many attempts and targets they are for. Checks
about exchanges hear what each target is to be asked, for a config may change the model and the tools.

What a caller's own config adds to a request comes by another way than the request, but from the same hand: it
is screened as the request was.
"""

from typing import Any

import msgspec

from app.account import Call
from app.domain.chat import ChatRequest
from app.domain.conversation import offers_tools
from app.domain.json_text import Redactions, json_parts, replace_members
from app.domain.parts import redact_request
from app.domain.prefixes import prefixed
from app.hearing import Hearing
from app.policy import Policy
from app.routing.params import Params
from app.routing.way import Hop
from app.tries import guard_names
from app.wire.openai.request import checked
from guardrails import Engine, PartKind, Screening, Vault, Verdict

_CONFIG = "config"
"""Where a caller's config stands in the paths of findings."""


class HopRequests:
    """Those of one exchange.

    Args:
        policy: all guardrails.
        call: whose they are.
        vault: of the exchange.
        hearing: lets guardrails hear a request, and keeps their verdicts.
    """

    def __init__(self, policy: Policy, call: Call, vault: Vault, hearing: Hearing) -> None:
        self._policy = policy
        self._call = call
        self._vault = vault
        self._hearing = hearing
        self._heard: dict[Engine, Screening] = {}
        """By the engine of the guardrails that a hop adds."""
        self._examined: dict[str, Verdict | None] = {}
        """By path of the target."""
        self._params: dict[str, Params | Verdict] = {}
        """Callers' own, screened, by path of the target."""

    def first(self, request: ChatRequest) -> Engine:
        """Return the guardrails of the request as it came.

        Raises:
            InvalidRequest: it adds one that does not exist.
        """
        return self._policy.select(self._call.caller, self._call.guardrails, names_of(request.model))

    def engine(self, request: ChatRequest, hop: Hop) -> Engine:
        """Return all guardrails of this target, and of its answer.

        Raises:
            InvalidRequest: the config names one that does not exist.
        """
        added = (*self._call.guardrails, *_added(hop))
        models = (*names_of(request.model), *names_of(hop.target.address))
        return self._policy.select(self._call.caller, added, models)

    async def request(self, request: ChatRequest, hop: Hop) -> ChatRequest | Verdict:
        """Return what this target is asked, or the verdict of a guardrail that forbids it.

        Args:
            request: screened by the guardrails of the request as it came.
            hop: the target.

        Raises:
            InvalidRequest: with what the config changes it is no request, or a guardrail does not exist.
        """
        added = self._added_engine(request, hop)
        document = request.document if added is None else await self._left_by(added, request)
        if isinstance(document, Verdict):
            return document
        params = await self._screened_params(request, hop) if hop.is_callers else hop.params
        if isinstance(params, Verdict):
            return params
        changed = params.applied(prefixed(document, self.engine(request, hop).prefixes))
        asked = msgspec.structs.replace(
            request,
            document=changed,
            strict=request.strict if hop.strict is None else hop.strict,
            timeout_s=hop.timeout_s,
        )
        if changed is not document:
            asked = checked(asked)
        has_been_heard = changed is document and hop.target.address == request.model
        forbidden = None if has_been_heard else await self._forbidden(asked, hop, added)
        return forbidden or await self._awaited(asked) or asked

    async def _left_by(self, added: Engine, request: ChatRequest) -> dict[str, Any] | Verdict:
        """Return what the guardrails that a hop adds leave of a request."""
        screening = self._heard.get(added)
        if screening is None:
            screening = self._heard[added] = await self._hearing.screen(request, added)
        return screening.blocked or redact_request(request.document, screening.redacted)

    async def _forbidden(self, asked: ChatRequest, hop: Hop, added: Engine | None) -> Verdict | None:
        """Return the verdict of a check about exchanges on what a target is to be asked."""
        if hop.path not in self._examined:
            engine, target = self.engine(asked, hop), hop.target.address
            self._examined[hop.path] = await self._hearing.target(asked, target, engine, added)
        return self._examined[hop.path]

    async def _awaited(self, asked: ChatRequest) -> Verdict | None:
        """Wait for guardrails that are asked beside, where a tool could act before they have spoken."""
        beside = self._hearing.beside
        return await beside.verdict() if beside is not None and offers_tools(asked.document) else None

    def _added_engine(self, request: ChatRequest, hop: Hop) -> Engine | None:
        heard = (self._call.guardrails, names_of(request.model))
        return self._policy.later(self._call.caller, heard, _added(hop), names_of(hop.target.address))

    async def _screened_params(self, request: ChatRequest, hop: Hop) -> Params | Verdict:
        found = self._params.get(hop.path)
        if found is None:
            engine = self.engine(request, hop)
            found = self._params[hop.path] = await _screened_params(hop.params, engine, self._vault)
        return found


def names_of(model: str) -> tuple[str, ...]:
    """Return every name of a model: as `@provider/model`, and without its provider."""
    slug, slash, name = model.partition("/")
    return (model, name) if slash and slug.startswith("@") else (model,)


def _added(hop: Hop) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for node in hop.guards for name in guard_names(node)))


async def _screened_params(params: Params, engine: Engine, vault: Vault) -> Params | Verdict:
    given = {"override_params": dict(params.override), "default_params": dict(params.default)}
    if not (params.override or params.default):
        return params
    screening = await engine.screen_texts(json_parts(given, _CONFIG, PartKind.FIELD, ""), vault=vault)
    if screening.blocked is not None:
        return screening.blocked
    if screening.redacted:
        given = replace_members(given, _CONFIG, Redactions.of(screening.redacted))
    return Params(given["override_params"], given["default_params"], params.drop)
