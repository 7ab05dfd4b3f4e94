"""A plain reading of routing configs, to hold plans against: it knows the document, not the planner."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.routing.conditions import Facts
from app.routing.outcome import Outcome

_RETRIED = {429, 500, 502, 503, 504, 529}
_UNREACHABLE = {500, 502, 503}
_Node = Mapping[str, Any]


class Fixed:
    """Chance that always says the same."""

    def __init__(self, number: float) -> None:
        self._number = number

    def random(self) -> float:
        return self._number


class Walk:
    """One request's walk over a config whose conditions all ask for metadata.

    Args:
        outcomes: of attempts, by their number, again and again.
        facts: a request with metadata meets every condition, one without none.
        chance: what every draw gives.
        barred: paths of targets whose circuit is open, if they have a breaker.
        attempts: at most.
    """

    def __init__(
        self, outcomes: Sequence[Outcome], facts: Facts, chance: float, barred: Sequence[str], attempts: int
    ) -> None:
        self._outcomes = outcomes
        self._holds = bool(facts.metadata)
        self._chance = chance
        self._barred = barred
        self._attempts = attempts
        self._waited_s = 0.0
        self.taken: list[tuple[str, int, float]] = []
        self.last: Outcome | None = None
        self.retries = 0

    def node(self, node: _Node, path: str, above: _Node) -> Outcome | None:
        """Try what is below a node; None: nothing was there to try."""
        inherited = {**above, **{key: node[key] for key in ("retry", "cb_config") if key in node}}
        if "targets" not in node:
            return self._target(path, inherited.get("retry", {"attempts": 0}))
        strategy, targets = node["strategy"], node["targets"]
        places = [f"{path}.targets[{index}]" for index in range(len(targets))]
        every = list(zip(targets, places, strict=True))
        healthy = [one for one in every if not self._is_shut(*one, inherited)] or every
        match strategy["mode"]:
            case "single":
                return self.node(*healthy[0], inherited)
            case "fallback":
                return self._fallback(strategy.get("on_status_codes"), healthy, path, inherited)
            case "conditional":
                name = strategy["conditions"][0]["then"] if self._holds else strategy["default"]
                chosen = [one for one in every if one[0]["name"] == name]
                return self.node(*chosen[0], inherited) if chosen else None
            case _:
                weighty = [one for one in healthy if _weight(one)] or [one for one in every if _weight(one)]
                return self.node(*self._drawn(weighty), inherited)

    def _fallback(
        self, codes: Sequence[int] | None, targets: Sequence[tuple[_Node, str]], path: str, inherited: _Node
    ) -> Outcome | None:
        last = None
        for target, place in targets:
            outcome = self.node(target, place, inherited)
            last = outcome or last
            if outcome is not None and not _falls_back(codes, outcome, path):
                break
        return last

    def _target(self, path: str, retry: _Node) -> Outcome | None:
        attempt, wait_s = 1, 0.0
        while len(self.taken) < self._attempts:
            self.taken.append((path, attempt, wait_s))
            self.last = outcome = self._outcomes[len(self.taken) % len(self._outcomes)]
            self.retries = attempt - 1
            if not _is_retried(retry, outcome):
                return outcome
            pause_s = self._pause_s(retry, outcome, attempt)
            is_granted = attempt <= retry["attempts"] and len(self.taken) < self._attempts
            if not is_granted or pause_s >= 60 or self._waited_s + pause_s > 60:
                self.retries = -1
                return outcome
            self._waited_s += pause_s
            attempt, wait_s = attempt + 1, pause_s
        return self.last

    def _pause_s(self, retry: _Node, outcome: Outcome, attempt: int) -> float:
        if outcome.status in {246, 446}:
            return 0.0
        if retry.get("use_retry_after_header") and outcome.retry_after_s is not None:
            return outcome.retry_after_s
        return float(self._chance * 2 ** (attempt - 1))

    def _drawn(self, targets: Sequence[tuple[_Node, str]]) -> tuple[_Node, str]:
        place = self._chance * sum(map(_weight, targets))
        for target in targets:
            place -= _weight(target)
            if place < 0:
                return target
        return targets[-1]

    def _is_shut(self, node: _Node, path: str, above: _Node) -> bool:
        if "targets" not in node:
            return "cb_config" in {**above, **node} and path in self._barred
        if node["strategy"]["mode"] == "conditional":
            return False
        inner = [(target, f"{path}.targets[{index}]") for index, target in enumerate(node["targets"])]
        return all(self._is_shut(*one, {**above, **node}) for one in inner)


def _weight(one: tuple[_Node, str]) -> float:
    return float(one[0].get("weight", 1))


def _is_retried(retry: _Node, outcome: Outcome) -> bool:
    if not retry["attempts"] or outcome.began or outcome.is_unsupported or outcome.denied_at is not None:
        return False
    codes = retry.get("on_status_codes")
    if outcome.is_unreachable:
        return True
    if codes is None:
        return outcome.status in _RETRIED and outcome.retryable is not False
    return outcome.status in codes and outcome.status != 200


def _falls_back(codes: Sequence[int] | None, outcome: Outcome, path: str) -> bool:
    if outcome.began:
        return False
    if outcome.denied_at is not None and f"{path}.".startswith(f"{outcome.denied_at}."):
        return False
    if outcome.is_unsupported:
        return True
    if codes is None:
        return outcome.status >= 300
    return outcome.status in codes or (outcome.is_unreachable and bool(_UNREACHABLE & set(codes)))
