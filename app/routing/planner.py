"""What to try next: a plan is a generator that yields steps and is told what became of each.

    plan = steps(tree, facts, random, health)
    step = next(plan)
    while True:
        try:
            step = plan.send(the_outcome_of(step))
        except StopIteration as stop:
            ending = stop.value

It does nothing itself, no waiting and no clock, so the same tree, facts, health and chance always give the
same steps. What decides is Portkey's, with these differences: what cannot be asked of a target goes on to the
next one instead of ending the plan; an input that a node's guardrail denied is not shown to other targets
below that node; all attempts of a request share one budget.
"""

from collections.abc import Generator, Sequence
from typing import TypeAlias

import msgspec

from app.routing.choosing import chosen
from app.routing.conditions import Facts
from app.routing.config import Mode
from app.routing.health import Health
from app.routing.outcome import Outcome
from app.routing.retry import MAX_WAIT_S, RandomSource, may_retry, wait_s
from app.routing.tree import Branch, Leaf, Tree

_UNREACHABLE = frozenset({500, 502, 503})
"""Statuses that gateways give where there was no answer (Portkey: 500 and 503; Handrail: 502): a fallback
that lists one of them means that."""
NO_MATCH = Outcome(status=400, code="no_condition_matched")
"""No condition of a conditional strategy holds and it has no default, so nothing was tried there. A fallback
passes over such a target whatever it lists."""


class Step(msgspec.Struct, frozen=True):
    """One attempt to make."""

    leaf: Leaf
    """Where to, and everything that the config says about it."""
    attempt: int
    """Within this target, from 1."""
    number: int
    """Within the plan, from 1."""
    wait_s: float
    """Before it."""


class Ending(msgspec.Struct, frozen=True):
    """How a plan ended."""

    outcome: Outcome
    """Of the last step, which is the caller's; `NO_MATCH` if there was none."""
    step: Step | None
    """The last one; None if nothing was tried."""
    retries: int
    """Made at the last target; -1 if retries that it was granted were used up or could not be waited for.
    Portkey's `x-portkey-retry-attempt-count`."""


class Budget(msgspec.Struct, frozen=True):
    """What one request may use up."""

    attempts: int = 32
    """In all, first tries and retries of all targets: at least 1."""
    wait_s: float = MAX_WAIT_S
    """In all."""


Steps: TypeAlias = Generator[Step, Outcome, Ending]
_Trying: TypeAlias = Generator[Step, Outcome, Outcome]
_BUDGET = Budget()


def steps(tree: Tree, facts: Facts, random: RandomSource, health: Health, budget: Budget = _BUDGET) -> Steps:
    """Plan a request.

    Args:
        tree: a prepared config.
        facts: what conditions may ask about, and what sticky sessions hang on.
        random: for weights and jitter.
        health: for breakers and latencies.
        budget: what may be used up; then the last outcome stands.

    Yields:
        What to try; it wants to be sent what became of it.

    Returns:
        How it ended.
    """
    plan = _Plan(facts, random, health, budget)
    yield from plan.tried(tree)
    return Ending(plan.outcome, plan.step, plan.retries)


class _Plan:
    __slots__ = ("_budget", "_facts", "_health", "_random", "_waited_s", "outcome", "retries", "step")

    def __init__(self, facts: Facts, random: RandomSource, health: Health, budget: Budget) -> None:
        self._facts = facts
        self._random = random
        self._health = health
        self._budget = budget
        self.outcome = NO_MATCH
        self._waited_s = 0.0
        self.step: Step | None = None
        self.retries = 0

    def tried(self, tree: Tree) -> _Trying:
        """Try a node, and return what became of it."""
        if isinstance(tree, Leaf):
            return self._leaf(tree)
        if tree.mode is Mode.FALLBACK:
            return self._fallback(tree)
        if tree.mode is Mode.CONDITIONAL:
            return self._conditional(tree)
        candidates = self._healthy(tree)
        if tree.mode is Mode.SINGLE:
            return self.tried(tree.children[candidates[0]])
        return self.tried(tree.children[chosen(tree, candidates, self._facts, self._random, self._health)])

    def _leaf(self, leaf: Leaf) -> _Trying:
        retry, attempt, wait = leaf.retry, 1, 0.0
        while self._has_attempts():
            self.retries = attempt - 1
            self.step = Step(leaf, attempt, 1 if self.step is None else self.step.number + 1, wait)
            outcome = self.outcome = yield self.step
            if not may_retry(retry, outcome):
                return outcome
            pause = wait_s(retry, outcome, attempt, self._random) if attempt <= retry.attempts else None
            if pause is None or self._waited_s + pause > self._budget.wait_s or not self._has_attempts():
                self.retries = -1
                return outcome
            self._waited_s += pause
            attempt, wait = attempt + 1, pause
        return self.outcome

    def _has_attempts(self) -> bool:
        return self.step is None or self.step.number < self._budget.attempts

    def _fallback(self, branch: Branch) -> _Trying:
        outcome = NO_MATCH
        for index in self._healthy(branch):
            last = yield from self.tried(branch.children[index])
            if last is NO_MATCH:
                continue
            outcome = last
            if not _goes_on(branch, outcome):
                break
        return outcome

    def _conditional(self, branch: Branch) -> _Trying:
        for holds, index in branch.rules:
            if holds(self._facts):
                return self.tried(branch.children[index])
        if branch.default is not None:
            return self.tried(branch.children[branch.default])
        return _nothing()

    def _healthy(self, branch: Branch) -> Sequence[int]:
        """Return the children that no open circuit bars; all of them if it bars all (Portkey)."""
        indexes = range(len(branch.children))
        if not branch.is_watched or not self._health.has_open():
            return indexes
        return [index for index in indexes if not self._is_barred(branch.children[index])] or indexes

    def _is_barred(self, tree: Tree) -> bool:
        """Return whether nothing healthy is below; a conditional strategy is never barred (Portkey)."""
        if isinstance(tree, Leaf):
            return tree.breaker is not None and self._health.is_open(tree)
        if tree.mode is Mode.CONDITIONAL or not tree.is_watched:
            return False
        return all(self._is_barred(child) for child in tree.children)


def _nothing() -> _Trying:
    yield from ()
    return NO_MATCH


def _goes_on(branch: Branch, outcome: Outcome) -> bool:
    """Return whether a fallback tries its next target."""
    if outcome.began or (outcome.denied_at is not None and branch.path.startswith(outcome.denied_at)):
        return False
    if outcome.is_unsupported:
        return True
    codes = branch.on_status_codes
    if codes is None:
        return not outcome.ok
    return outcome.status in codes or (outcome.is_unreachable and not codes.isdisjoint(_UNREACHABLE))
