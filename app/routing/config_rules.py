"""The parts of a node of a routing config: its strategy, retries, cache and breaker, from JSON.

Half of `app/routing/config_reader.py`, which reads the node itself.
"""

from collections import Counter
from collections.abc import Sequence

from app.routing.conditions import read_operand, read_query
from app.routing.config import Breaker, Cache, Condition, Config, Mode, Retry, Sticky, Strategy
from app.routing.config_error import ConfigError, member, shown
from app.routing.config_fields import Fields

MAX_RETRIES = 5
"""Portkey's documented maximum; more is read as this."""
MAX_CONDITIONS = 256
_LEAST_COOLDOWN_S = 30.0
_STRATEGY = frozenset("mode on_status_codes conditions default sticky sticky_session cb_config".split())
_STICKY = frozenset({"enabled", "hash_fields", "ttl"})
_CONDITION = frozenset({"query", "then"})
_RETRY = frozenset("attempts on_status_codes use_retry_after_header use_retry_after_headers".split())
_CACHE = frozenset("mode max_age threshold namespace".split())
_BREAKER = frozenset(
    "failure_threshold failure_threshold_percentage minimum_requests cooldown_interval"
    " failure_status_codes".split()
)
_SPELLINGS = {"least-latency": "least_latency"}
_WEIGHED = (Mode.LOADBALANCE, Mode.LEAST_LATENCY)


def read_strategy(node: Fields, targets: Sequence[Config]) -> tuple[Strategy | None, Breaker | None]:
    """Return how a node chooses among these targets, None for a node that is a target; and its breaker.

    Raises:
        ConfigError: it has targets and no strategy, or a strategy that these targets do not fit.
    """
    if not node.has("strategy"):
        if len(targets) > 1:
            raise ConfigError(
                node.place("targets"), "need a strategy beside them: {'strategy': {'mode': ...}}"
            )
        return (Strategy(mode=Mode.SINGLE) if targets else None), None
    fields = Fields(node.value("strategy"), node.place("strategy"))
    fields.refuse_unknown(_STRATEGY)
    mode = _mode(fields)
    breaker = read_breaker(fields)
    if not targets:
        if mode is Mode.SINGLE:  # the node itself is the single target: an older way to write it
            return None, breaker
        raise ConfigError(fields.path, f"{mode} needs targets beside it")
    if mode in _WEIGHED and not any(target.weight for target in targets):
        raise ConfigError(node.place("targets"), "all weights are zero; give one of them a weight above it")
    conditions, default = _conditions(fields, mode, targets)
    return Strategy(
        mode=mode,
        on_status_codes=fields.statuses("on_status_codes"),
        sticky=_sticky(fields),
        conditions=conditions,
        default=default,
    ), breaker


def read_retry(node: Fields) -> Retry | None:
    """Return how often a node's target is asked again."""
    if not node.has("retry"):
        return None
    fields = Fields(node.value("retry"), node.place("retry"))
    fields.refuse_unknown(_RETRY)
    attempts = fields.whole("attempts", least=0)
    if attempts is None:
        raise ConfigError(fields.path, "needs attempts, the number of retries")
    singular, plural = fields.flag("use_retry_after_header"), fields.flag("use_retry_after_headers")
    return Retry(
        min(attempts, MAX_RETRIES),
        fields.statuses("on_status_codes"),
        use_retry_after=bool(singular or plural),
    )


def read_cache(node: Fields) -> Cache | None:
    """Return whether a node's answers may be cached."""
    if not node.has("cache"):
        return None
    fields = Fields(node.value("cache"), node.place("cache"))
    fields.refuse_unknown(_CACHE)
    mode = fields.choice("mode", ("simple", "semantic"))
    if mode is None:
        raise ConfigError(fields.path, "needs a mode, simple or semantic")
    return Cache(
        mode=mode,
        max_age_s=fields.number("max_age", least=0, above=True),
        threshold=fields.number("threshold", least=0, most=1),
        namespace=fields.text("namespace"),
    )


def read_breaker(node: Fields) -> Breaker | None:
    """Return when a node's targets are left alone."""
    if not node.has("cb_config"):
        return None
    fields = Fields(node.value("cb_config"), node.place("cb_config"))
    fields.refuse_unknown(_BREAKER)
    threshold = fields.whole("failure_threshold", least=1)
    percentage = fields.number("failure_threshold_percentage", least=0, most=100, above=True)
    if threshold is None and percentage is None:
        raise ConfigError(fields.path, "needs failure_threshold or failure_threshold_percentage")
    cooldown_ms = fields.number("cooldown_interval", least=0) or 0.0
    return Breaker(
        failure_threshold=threshold,
        failure_percentage=percentage,
        minimum_requests=fields.whole("minimum_requests", least=1) or Breaker().minimum_requests,
        cooldown_s=max(cooldown_ms / 1_000, _LEAST_COOLDOWN_S),
        failure_status_codes=fields.statuses("failure_status_codes"),
    )


def _mode(fields: Fields) -> Mode:
    given = fields.value("mode")
    if isinstance(given, str) and given in _SPELLINGS:
        return Mode(_SPELLINGS[given])
    mode = fields.choice("mode", [one.value for one in Mode])
    if mode is None:
        raise ConfigError(fields.path, f"needs a mode: {', '.join(Mode)}")
    return Mode(mode)


def _sticky(fields: Fields) -> Sticky | None:
    """Return Portkey's `sticky`, which must be enabled, or `sticky_session`, its older name."""
    name = "sticky" if fields.has("sticky") else "sticky_session"
    if not fields.has(name):
        return None
    inner = Fields(fields.value(name), fields.place(name))
    inner.refuse_unknown(_STICKY)
    enabled = inner.flag("enabled")
    if not (name == "sticky_session" if enabled is None else enabled):
        return None
    items = inner.items("hash_fields")
    if not items:
        raise ConfigError(inner.place("hash_fields"), "names nothing to tell callers apart by")
    ttl_s = inner.number("ttl", least=0, above=True)
    operands = tuple(read_operand(value, path) for path, value in items)
    return Sticky(operands) if ttl_s is None else Sticky(operands, ttl_s)


def _conditions(
    fields: Fields, mode: Mode, targets: Sequence[Config]
) -> tuple[tuple[Condition, ...], str | None]:
    items = fields.items("conditions", most=MAX_CONDITIONS)
    default = fields.text("default")
    if mode is not Mode.CONDITIONAL:
        return (), None
    if not items:
        raise ConfigError(fields.place("conditions"), "conditional needs at least one condition")
    names = _names(targets)
    if default is not None:
        _require(default, names, fields.place("default"))
    return tuple(_condition(Fields(value, path), names) for path, value in items), default


def _condition(fields: Fields, names: Sequence[str]) -> Condition:
    fields.refuse_unknown(_CONDITION)
    then = fields.text("then")
    if then is None:
        raise ConfigError(fields.path, "needs then, the name of a target")
    _require(then, names, fields.place("then"))
    if not fields.has("query"):
        raise ConfigError(fields.path, "needs a query")
    return Condition(read_query(fields.value("query"), fields.place("query")), then)


def _names(targets: Sequence[Config]) -> list[str]:
    counts = Counter(target.name for target in targets if target.name is not None)
    for target in reversed(targets):
        if target.name is not None and counts[target.name] > 1:
            raise ConfigError(member(target.path, "name"), "is the name of another target too")
    return list(counts)


def _require(name: str, names: Sequence[str], path: str) -> None:
    if name not in names:
        known = f"there are {', '.join(map(shown, names))}" if names else "none has a name"
        raise ConfigError(path, f"no target beside it is named {shown(name)!r}; {known}")
