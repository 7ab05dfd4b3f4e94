"""What each target of a route is asked: the request as screened, with what the config changes and adds.

Guardrails of a config's nodes come on top of those of the gateway, the key and the request. They hear the
request once, however many attempts and targets are below their node. What a caller's own config adds to a
request comes by another way than the request, but from the same hand: it is screened as the request was.
"""

from collections.abc import Awaitable, Callable

import msgspec

from app.account import Call
from app.domain.chat import ChatRequest
from app.domain.json_text import Redactions, json_parts, replace_members
from app.domain.parts import redact_request
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
        screened: lets an engine hear a request, and keeps its verdicts.
    """

    def __init__(
        self,
        policy: Policy,
        call: Call,
        vault: Vault,
        screened: Callable[[ChatRequest, Engine], Awaitable[Screening]],
    ) -> None:
        self._policy = policy
        self._call = call
        self._vault = vault
        self._screened = screened
        self._heard: dict[tuple[str, ...], Screening] = {}
        """By the names of the guardrails that a hop adds."""
        self._params: dict[str, Params | Verdict] = {}
        """Callers' own, screened, by path of the target."""

    def engine(self, hop: Hop) -> Engine:
        """Return the guardrails of an answer of this target.

        Raises:
            InvalidRequest: the config names one that does not exist.
        """
        return self._policy.select(self._call.caller, (*self._call.guardrails, *_added(hop)))

    async def request(self, request: ChatRequest, hop: Hop) -> ChatRequest | Verdict:
        """Return what this target is asked, or the verdict of a guardrail that forbids it.

        Args:
            request: screened by all guardrails but those of nodes.
            hop: the target.

        Raises:
            InvalidRequest: with what the config changes it is no request, or a guardrail does not exist.
        """
        document = request.document
        added = self._policy.only(self._call.caller, self._call.guardrails, _added(hop))
        if added is not None:
            screening = self._heard.get(_added(hop))
            if screening is None:
                screening = self._heard[_added(hop)] = await self._screened(request, added)
            if screening.blocked is not None:
                return screening.blocked
            document = redact_request(document, screening.redacted)
        params = await self._screened_params(hop) if hop.is_callers else hop.params
        if isinstance(params, Verdict):
            return params
        changed = params.applied(document)
        asked = msgspec.structs.replace(
            request,
            document=changed,
            strict=request.strict if hop.strict is None else hop.strict,
            timeout_s=hop.timeout_s,
        )
        return asked if changed is document else checked(asked)

    async def _screened_params(self, hop: Hop) -> Params | Verdict:
        found = self._params.get(hop.path)
        if found is None:
            found = self._params[hop.path] = await _screened_params(hop.params, self.engine(hop), self._vault)
        return found


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
