"""What an exchange adds to the metrics, once, when it has ended: the counterpart of `app/tracing.py`.

Labels are bounded. A caller chooses the name of a model, and may bring guardrails and providers; so names
count under `other` unless they are configured. A model that is not is let in once a call of it has cost
something that is known, which a name that somebody made up does not, and only so many of them.
"""

from collections.abc import Callable, Collection, Iterable

from app.domain.exchange import Attempt, ExchangeRecord, Outcome
from app.domain.operation import Operation
from guardrails import Decision, Mode, Verdict
from telemetry import instruments as of
from telemetry.metrics import OTHER, Metrics

MAX_MODELS = 100
"""That are not configured."""
_MAX_NAME = 128
_BROUGHT = OTHER
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

Measure = Callable[[ExchangeRecord], None]


class Measuring:
    """Folds exchanges into metrics; a `Measure`.

    Args:
        metrics: of this process.
        routes: under which route an operation is served.
        models: names of those that are configured.
        providers: slugs of those that are configured.
        callers: names of the keys.
        guardrails: names of those that are configured.
    """

    def __init__(  # noqa: PLR0913 (the bounds of each label)
        self,
        metrics: Metrics,
        routes: Callable[[Operation], str],
        *,
        models: Iterable[str],
        providers: Collection[str],
        callers: Collection[str],
        guardrails: Collection[str],
    ) -> None:
        self._metrics = metrics
        self._routes = routes
        self._models = set(models)
        self._max_models = len(self._models) + MAX_MODELS
        self._providers = frozenset(providers)
        self._callers = frozenset(callers) | {"anonymous", "unknown"}
        self._guardrails = frozenset(guardrails)

    def __call__(self, record: ExchangeRecord) -> None:
        """Add an exchange that has ended."""
        trace = (record.trace_id, record.span_id) if record.trace_sampled else None
        self._exchange(record, trace)
        caller, before = self._caller(record), None
        for attempt in record.attempts:
            if attempt.cached_exchange_id is None:
                self._attempt(attempt, before, caller, record)
                before = attempt
        for verdict in record.verdicts:
            self._verdict(verdict, trace)

    def _caller(self, record: ExchangeRecord) -> str:
        return record.caller if record.caller in self._callers else OTHER

    def _exchange(self, record: ExchangeRecord, trace: tuple[str, str] | None) -> None:
        metrics, operation = self._metrics, record.operation.value
        took_s = max(0, record.ended_ns - record.started_ns) / 1e9
        failed = record.outcome in {Outcome.UPSTREAM_ERROR, Outcome.FAILED}
        known = record.provider is None or record.provider in self._providers
        word = record.error_word or str(record.status_code)
        error = _shown(word, record.status_code, known=known) if failed else ""
        method = record.method if record.method in _METHODS else "_OTHER"
        labels = (method, self._routes(record.operation), str(record.status_code), error)
        metrics.record(of.REQUEST_DURATION, labels, took_s, trace)
        stream = "true" if record.stream else "false"
        metrics.add(of.EXCHANGES, (operation, record.outcome.value, self._caller(record), stream))
        waited_s = sum(map(_seconds, record.attempts))
        metrics.record(of.OVERHEAD, (operation,), max(0.0, took_s - waited_s), trace)
        for stage in ("received", "screened", "released"):
            if characters := getattr(record.coverage, stage):
                metrics.add(of.CHARACTERS, (stage,), characters)
        if record.stream and record.first_release_ns is not None:
            until_s = max(0, record.first_release_ns - record.started_ns) / 1e9
            metrics.record(of.TIME_TO_FIRST_RELEASE, (operation,), until_s, trace)

    def _attempt(self, attempt: Attempt, before: Attempt | None, caller: str, record: ExchangeRecord) -> None:
        metrics, model = self._metrics, self._model(attempt)
        provider = attempt.provider if attempt.provider in self._providers else _BROUGHT
        kind = attempt.telemetry_name or attempt.provider_kind
        error = _shown(attempt.error_type or "", attempt.status_code, known=provider != _BROUGHT)
        call = (attempt.operation.value, kind, model, provider)
        trace = (record.trace_id, attempt.span_id) if record.trace_sampled else None
        metrics.add(of.ATTEMPTS, (provider, model, _reason(attempt, before), error))
        metrics.record(of.OPERATION_DURATION, (*call, error), _seconds(attempt), trace)
        for which, tokens in (
            ("input", attempt.usage.prompt_tokens),
            ("output", attempt.usage.completion_tokens),
        ):
            if tokens is not None:
                metrics.record(of.TOKEN_USAGE, (*call, which), tokens, trace)
        if attempt.first_event_ns is None:
            return
        if record.stream:
            until_s = max(0, attempt.first_event_ns - attempt.started_ns) / 1e9
            metrics.record(of.TIME_TO_FIRST_CHUNK, call, until_s, trace)
        if attempt.cost_usd is None:
            metrics.add(of.COST_UNKNOWN, (provider, model))
        else:
            metrics.add(of.COST, (provider, model, caller), float(attempt.cost_usd))

    def _verdict(self, verdict: Verdict, trace: tuple[str, str] | None) -> None:
        metrics, known = self._metrics, verdict.guardrail in self._guardrails
        one = (verdict.guardrail if known else _BROUGHT, verdict.side.value)
        blocked = "true" if verdict.blocked else "false"
        metrics.add(of.VERDICTS, (*one, verdict.decision.value, verdict.mode.value, blocked))
        metrics.record(of.GUARDRAIL_DURATION, one, verdict.duration_ns / 1e9, trace)
        if verdict.decision is Decision.ERROR:
            passes = not verdict.blocked and verdict.mode is Mode.ENFORCE
            error = (verdict.error or OTHER)[:_MAX_NAME] if known else OTHER
            metrics.add(of.GUARDRAIL_ERRORS, (*one, error, "true" if passes else "false"))
        for finding in verdict.findings:
            metrics.add(of.FINDINGS, (*one, finding.rule[:_MAX_NAME] if known else OTHER))

    def _model(self, attempt: Attempt) -> str:
        model = attempt.model
        if not model or model in self._models:
            return model
        if attempt.cost_usd and len(model) <= _MAX_NAME and len(self._models) < self._max_models:
            self._models.add(model)
            return model
        return OTHER


def unmeasured(_: ExchangeRecord) -> None:
    """Measure nothing; a `Measure`."""


def _shown(error: str, status: int | None, *, known: bool) -> str:
    """Return an error's word; one that a caller's own provider chose is only its status."""
    if not error:
        return ""
    return error[:_MAX_NAME] if known else str(status or OTHER)


def _seconds(attempt: Attempt) -> float:
    return max(0, (attempt.ended_ns or attempt.started_ns) - attempt.started_ns) / 1e9


def _reason(attempt: Attempt, before: Attempt | None) -> str:
    if before is None:
        return "first"
    same = (before.provider, before.model) == (attempt.provider, attempt.model)
    return "retry" if same else "fallback"
