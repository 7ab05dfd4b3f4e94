"""The cache's part in one exchange: an answer that takes the place of a provider's, or one that is kept.

Looked up is what a target would be asked, after guardrails, redactions, prefixes and the config's parameters.
Kept is what the provider answered, as it came and whole, before a guardrail heard it: whoever is given it
again has it screened by the guardrails that hold then, and restored with the pseudonyms of his own exchange,
which are the same ones where the request is.

Not kept is what a guardrail ended, what failed or was cut, and what a caller left. Those who wait for it are
sent on: to ask for themselves if it is not for sharing, one of them in place of who failed or left.
"""

import math
from collections.abc import AsyncGenerator

import telemetry
from app.account import Call
from app.cache.build import build
from app.cache.cache import DISABLED, Cache, Hit, Miss, Status
from app.cache.key import Scope
from app.cache.question import Question, Rules
from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.later import RunLater
from app.repeats import Repeats
from app.routing.config import Cache as Wanted
from app.routing.embedding import embedder
from app.routing.resolve import Routes
from app.routing.way import Hop
from app.settings import Settings
from app.wire.openai.fold import Fold


class Caches:
    """Makes the caching of each exchange.

    Args:
        cache: shared by all; None: nothing is ever kept.
        shares: whether callers are given each other's answers.
    """

    def __init__(self, cache: Cache | None = None, *, shares: bool = False) -> None:
        self.cache = cache
        self.shares = shares
        self.repeats = Repeats(cache)

    async def forget(self, until_s: float, name: str = "") -> bool:
        """Forget all answers, as `Forgotten.clear` does, and what is remembered of requests."""
        self.repeats.clear()
        return self.cache is None or await self.cache.forgotten.clear(until_s, name)

    async def close(self) -> None:
        """Let go of the cache."""
        if self.cache is not None:
            await self.cache.close()

    def begin(self, call: Call, policy_version: str) -> "Caching":
        """Return the caching of this call's exchange."""
        return Caching(self, call, policy_version)


NO_CACHES = Caches()


def caches_of(settings: Settings, routes: Routes) -> Caches:
    """Return what is configured. Nothing is connected yet.

    Args:
        settings: have been checked.
        routes: to the model that turns questions into vectors, if there is one.
    """
    chosen = settings.cache.embedder
    cache = build(
        settings.cache,
        settings.fingerprint_key,
        None if chosen is None else embedder(routes, chosen.model),
        telemetry.logger("cache"),
        settings.records.retention_days,
    )
    return Caches(cache, shares=settings.cache.share == "all")


class Caching:
    """That of one exchange.

    Args:
        caches: what all exchanges have in common.
        call: whose it is.
        policy_version: it runs under.
    """

    def __init__(self, caches: Caches, call: Call, policy_version: str) -> None:
        self._caches = caches
        self._call = call
        self.policy_version = policy_version
        self._given: set[str] = set()
        """Paths of targets in whose place an answer was given."""
        self.status: Status | None = None
        """What became of the last look-up, in Portkey's words; None: there was none."""
        self.hit: Hit | None = None
        """The answer that was found last."""

    async def look_up(self, request: ModelRequest, hop: Hop) -> "Lookup":
        """Look for an answer in place of a target's. The look-up must be ended.

        Args:
            request: what the target would be asked.
            hop: the target. Where an answer was given in its place before, and it did not do, it is asked.

        What is no chat completion has nothing that could be kept as one.
        """
        cache, wanted, wish = self._caches.cache, hop.cache, self._call.cache
        is_chat = request.operation is Operation.CHAT
        if cache is None or wanted is None or wish.is_forbidden or not is_chat:
            self.status = Status.DISABLED
            return NOTHING_FOUND
        question = Question(scope=self._scope(request, hop, wanted), document=request.document)
        rules = Rules(
            mode="semantic" if wanted.mode == "semantic" else "simple",
            max_age_s=wanted.max_age_s,
            threshold=wanted.threshold,
            refresh=wish.refresh or hop.path in self._given,
        )
        found = await cache.lookup(question, rules, math.inf if hop.timeout_s is None else hop.timeout_s)
        self.status = found.status
        if isinstance(found, Hit):
            self._given.add(hop.path)
            self.hit = found
        return Lookup(cache, found, self._call.exchange_id)

    def _scope(self, request: ModelRequest, hop: Hop, wanted: Wanted) -> Scope:
        """Return all that decides about an answer beside the request itself."""
        call, provider = self._call, hop.target.provider
        namespace = call.cache.namespace or wanted.namespace or ""
        return Scope(
            caller="" if self._caches.shares else call.caller.name,
            provider=provider.slug,
            model=hop.target.model,
            strict=request.strict,
            policy_version=self.policy_version,
            namespace=namespace,
            metadata=None if namespace else call.metadata,
            account=provider.account,
            forwarded=tuple(sorted(request.headers)),
        )


class Lookup:
    """One look-up, and what comes of it.

    Args:
        cache: where it was made; None: nowhere.
        found: what it found.
        exchange_id: whose it is.
    """

    def __init__(self, cache: Cache | None, found: Hit | Miss, exchange_id: str) -> None:
        self._cache = cache
        self._found = found
        self._exchange_id = exchange_id
        self._fold = Fold() if isinstance(found, Miss) and found.scope is not None else None
        """What the provider has answered so far, if it is to be kept."""

    def mark(self, attempt: Attempt) -> None:
        """Note on an attempt that the cache was asked before."""
        found = self._found
        if found.status is Status.DISABLED:
            return
        attempt.cache_status = found.status.name.lower()
        if isinstance(found, Hit):
            attempt.cached_exchange_id = found.entry.exchange_id
            attempt.cache_similarity = found.kept.similarity

    def given(self) -> AsyncGenerator[ProviderEvent] | None:
        """Return the events of an answer that was kept, None where the provider is to be asked."""
        return _events(self._found) if isinstance(self._found, Hit) else None

    def note(self, event: ProviderEvent) -> None:
        """Take the next event of the answer, as it came."""
        if self._fold is not None:
            self._fold.add(event)

    def keep(self, run_later: RunLater) -> None:
        """Keep the answer: it is complete, and no guardrail has anything against it."""
        cache, found, fold = self._cache, self._found, self._fold
        if cache is not None and fold is not None and isinstance(found, Miss):
            self._found = DISABLED  # whoever keeps it lets others go on, too
            run_later(_kept(cache, found, fold, self._exchange_id))

    def end(self, *, withheld: bool) -> None:
        """Let those go on who wait for this answer, unless it is being kept for them.

        Args:
            withheld: whether a guardrail ended it.
        """
        if isinstance(self._found, Miss):
            if withheld:
                self._found.part()
            else:
                self._found.close()


NOTHING_FOUND = Lookup(None, DISABLED, "")
"""As long as nothing was looked up."""


async def _events(hit: Hit) -> AsyncGenerator[ProviderEvent]:
    for event in hit.entry.events():
        yield event


async def _kept(cache: Cache, miss: Miss, fold: Fold, exchange_id: str) -> None:
    await cache.store(miss, fold.document(), exchange_id)
