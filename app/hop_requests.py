"""What each target of a route is asked: the request as screened, with what the config changes and adds.

Guardrails of a config's nodes come on top of those of the gateway, the key and the request; so do those that
are for the target's model. Node by node they hear what those above have left of the request, each node once,
however many attempts and targets it is for. Checks about exchanges hear what each target is to be asked, for
a config may change the model and the tools.

What a caller's own config adds to a request comes by another way than the request, but from the same hand: it
is screened as the request was. So is a request in which guardrails of his write: his mutators and prefixes.
"""

from typing import Any

import msgspec

from app.account import Call
from app.domain.conversation import offers_tools
from app.domain.json_text import Redactions, replace_members
from app.domain.model_request import ModelRequest
from app.domain.parts import redact_request, request_parts
from app.domain.prefixes import prefixed
from app.hearing import Hearing, bearable
from app.policy import Policy
from app.routing.forwarding import forwarded
from app.routing.params import Params
from app.routing.way import Hop
from app.wire.openai.request import checked
from guardrails import Engine, Vault, Verdict
from guardrails.placing import Covered
from guardrails.portkey.hook import Hook

_CONFIG = "config"
"""Where a caller's config stands in the paths of findings."""


class _Left(msgspec.Struct, frozen=True):
    """What guardrails left of a request."""

    document: dict[str, Any]
    covered: tuple[Covered, ...] = ()
    """What each screening left out of what the one before had left."""


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
        self._heard: dict[tuple[Engine, ...], _Left | Verdict] = {}
        """By the engines of the guardrails that the nodes on a way add, from the root down."""
        self._last: tuple[str, Hop | None, Engine | None] = ("", None, None)
        """The engine that was asked for last: it is, several times, for each attempt."""
        self._examined: dict[str, Verdict | None] = {}
        """By path of the target."""
        self.told: tuple[Hook, ...] = ()
        """The guardrails that the caller is told about: those that the request adds, and the last way."""
        self._params: dict[str, Params | Verdict] = {}
        """Callers' own, screened, by path of the target."""

    @property
    def last_engine(self) -> Engine | None:
        """All guardrails of the target that was asked last; None: none was."""
        return self._last[2]

    def first(self, request: ModelRequest) -> Engine:
        """Return the guardrails of the request as it came.

        Raises:
            InvalidRequest: it adds one that does not exist.
        """
        caller, added, models = self._call.caller, self._call.guardrails, names_of(request.model)
        engine = self._policy.select(caller, added, models)
        self.told = self._policy.told(caller, added, models)
        return engine

    def engine(self, request: ModelRequest, hop: Hop) -> Engine:
        """Return all guardrails of this target, and of its answer.

        Raises:
            InvalidRequest: the config names one that does not exist.
        """
        model, last, engine = self._last
        if engine is None or last is not hop or model != request.model:
            models = (*names_of(request.model), *names_of(hop.target.address))
            engine = self._policy.select(self._call.caller, self._added(hop), models, _hooks(hop))
            self._last = (request.model, hop, engine)
        return engine

    async def request(self, request: ModelRequest, hop: Hop) -> ModelRequest | Verdict:
        """Return what this target is asked, or the verdict of a guardrail that forbids it.

        Args:
            request: screened by the guardrails of the request as it came.
            hop: the target.

        Raises:
            InvalidRequest: with what the config changes it is no request, or a guardrail does not exist.
        """
        models = (*names_of(request.model), *names_of(hop.target.address))
        self.told = (*self._policy.told(self._call.caller, self._added(hop), models), *_hooks(hop))
        if _is_callers_model(request, hop):
            forbidden = await self._hearing.model(hop.target.model, self.engine(request, hop))
            if forbidden is not None:
                return forbidden
        headers = forwarded(hop.forward_headers, self._call.headers) if hop.forward_headers else ()
        if headers and (forbidden := await self._hearing.headers(headers, self.engine(request, hop))):
            return forbidden
        added = self._added_engines(request, hop)
        left = await self._left_by(added, request)
        if isinstance(left, Verdict):
            return left
        document = left.document
        params = await self._screened_params(request, hop) if hop.is_callers else hop.params
        if isinstance(params, Verdict):
            return params
        changed = await self._written(request, hop, document, params.applied(document))
        if isinstance(changed, Verdict):
            return changed
        asked = msgspec.structs.replace(
            request,
            document=changed,
            strict=request.strict if hop.strict is None else hop.strict,
            timeout_s=hop.timeout_s,
            headers=headers,
        )
        if changed is not document:
            asked = checked(asked)
        has_been_heard = changed is document and hop.target.address == request.model
        forbidden = None if has_been_heard else await self._forbidden(asked, hop, added)
        return forbidden or await self._awaited(asked) or asked

    async def _written(
        self, request: ModelRequest, hop: Hop, document: dict[str, Any], changed: dict[str, Any]
    ) -> dict[str, Any] | Verdict:
        """Return what a config changed of a document, with prefixes, and without what nobody may write."""
        if prefixes := self.engine(request, hop).prefixes:
            # At last, where nobody takes them out again; into what is no request nothing can be written.
            if changed is not document:
                checked(msgspec.structs.replace(request, document=changed))
            changed = prefixed(changed, prefixes)
        if changed is request.document or (ours := self._engine_of_ours(request, hop)) is None:
            return changed
        again = await self._hearing.rewritten(msgspec.structs.replace(request, document=changed), ours)
        return redact_request(changed, again.redacted) if again.blocked is None else again.blocked

    def _engine_of_ours(self, request: ModelRequest, hop: Hop) -> Engine | None:
        """Return the guardrails of this target but for those that the caller wrote; None: he wrote none."""
        written = {hook for node in hop.guards if hop.is_callers or node.is_sent for hook in node.hooks}
        if not written:
            return None
        models = (*names_of(request.model), *names_of(hop.target.address))
        hooks = tuple(hook for hook in _hooks(hop) if hook not in written)
        return self._policy.select(self._call.caller, self._added(hop), models, hooks)

    async def _left_by(self, added: tuple[Engine, ...], request: ModelRequest) -> "_Left | Verdict":
        """Return what the guardrails that the nodes on a way add leave of a request."""
        left = _Left(request.document, self._hearing.covered)
        for number, engine in enumerate(added, 1):
            heard = self._heard.get(added[:number])
            if heard is None:
                heard = self._heard[added[:number]] = await self._heard_by(engine, request, left)
            if isinstance(heard, Verdict):
                return heard
            left = heard
        return left

    async def _heard_by(self, engine: Engine, request: ModelRequest, left: "_Left") -> "_Left | Verdict":
        asked = msgspec.structs.replace(request, document=left.document)
        screening = await self._hearing.screen(asked, engine, left.covered)
        if screening.blocked is not None:
            return screening.blocked
        document = redact_request(left.document, screening.redacted)
        return _Left(document, (*left.covered, screening.covered) if screening.covered else left.covered)

    async def _forbidden(self, asked: ModelRequest, hop: Hop, added: tuple[Engine, ...]) -> Verdict | None:
        """Return the verdict of a check about exchanges on what a target is to be asked."""
        if hop.path not in self._examined:
            engine, target = self.engine(asked, hop), hop.target.address
            self._examined[hop.path] = await self._hearing.target(asked, target, engine, added)
        return self._examined[hop.path]

    async def _awaited(self, asked: ModelRequest) -> Verdict | None:
        """Wait for guardrails that are asked beside, where a tool could act before they have spoken."""
        beside = self._hearing.beside
        return await beside.verdict() if beside is not None and offers_tools(asked.document) else None

    def _added(self, hop: Hop) -> tuple[str, ...]:
        """Return the names of guardrails that the request adds and the config."""
        return (*self._call.guardrails, *(name for node in hop.guards for name in node.names))

    def _added_engines(self, request: ModelRequest, hop: Hop) -> tuple[Engine, ...]:
        """Return those of the guardrails that each node on the way adds, and at last the target's model."""
        caller, models = self._call.caller, names_of(request.model)
        heard: tuple[str, ...] = self._call.guardrails
        engines: list[Engine | None] = []
        seen: tuple[Hook, ...] = ()
        for node in hop.guards:
            hooks = tuple(hook for hook in node.hooks if hook not in seen)
            engines.append(self._policy.later(caller, (heard, models), node.names, (), hooks))
            heard, seen = (*heard, *node.names), (*seen, *hooks)
        engines.append(self._policy.later(caller, (heard, models), (), names_of(hop.target.address)))
        return tuple(engine for engine in engines if engine is not None)

    async def _screened_params(self, request: ModelRequest, hop: Hop) -> Params | Verdict:
        found = self._params.get(hop.path)
        if found is None:
            engine = self.engine(request, hop)
            found = self._params[hop.path] = await self._heard_params(hop.params, engine)
        return found

    async def _heard_params(self, params: Params, engine: Engine) -> Params | Verdict:
        given = {"override_params": dict(params.override), "default_params": dict(params.default)}
        if not (params.override or params.default):
            return params
        with bearable():
            # What becomes a message is heard as one, by whoever hears what is said in its role.
            parts = [
                one for name, values in given.items() for one in request_parts(values, f"{_CONFIG}.{name}")
            ]
        screening = await engine.screen_texts(parts, vault=self._vault)
        self._hearing.note(screening, _CONFIG)
        if screening.blocked is not None:
            return screening.blocked
        if screening.redacted:
            given = replace_members(given, _CONFIG, Redactions.of(screening.redacted))
        return Params(given["override_params"], given["default_params"], params.drop)


def names_of(model: str) -> tuple[str, ...]:
    """Return every name of a model: as `@provider/model`, and without its provider."""
    slug, slash, name = model.partition("/")
    return (model, name) if slash and slug.startswith("@") else (model,)


def _is_callers_model(request: ModelRequest, hop: Hop) -> bool:
    """Return whether a target's model is called what a caller wrote, and no configuration knows the name."""
    target = hop.target
    return not target.is_listed and (hop.is_callers or request.model.endswith(target.model))


def _hooks(hop: Hop) -> tuple[Hook, ...]:
    """Return the hooks of the nodes; behind them, as Portkey has it, those that are above every node."""
    nodes = sorted(hop.guards, key=lambda node: not node.path)
    return tuple(dict.fromkeys(hook for node in nodes for hook in node.hooks))
