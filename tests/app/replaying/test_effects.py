"""Only what was enforced is blocked or redacted; what was only watched has other names."""

import pytest

from app.replaying.effects import Effect, Mark, effect_of, marks, possible_effect
from guardrails import Action, Decision, Mode, Side
from tests.exchanges import finding, verdict
from tests.guardrails.planted import Word, policy

PART = "messages[0].content"


@pytest.mark.parametrize(
    ("decision", "mode", "blocked", "effect"),
    [
        (Decision.BLOCK, Mode.ENFORCE, True, Effect.BLOCKED),
        (Decision.ERROR, Mode.ENFORCE, True, Effect.BLOCKED),
        (Decision.ERROR, Mode.ENFORCE, False, None),
        (Decision.ERROR, Mode.MONITOR, False, None),
        (Decision.BLOCK, Mode.MONITOR, False, Effect.WOULD_BLOCK),
        (Decision.BLOCK, Mode.ENFORCE, False, None),
        (Decision.REDACT, Mode.ENFORCE, False, Effect.REDACTED),
        (Decision.REDACT, Mode.MONITOR, False, Effect.WOULD_REDACT),
        (Decision.FLAG, Mode.ENFORCE, False, Effect.FLAGGED),
        (Decision.FLAG, Mode.MONITOR, False, Effect.FLAGGED),
        (Decision.PASS, Mode.ENFORCE, False, None),
    ],
)
def test_a_verdict_has_the_effect_that_it_had(
    decision: Decision, mode: Mode, blocked: bool, effect: Effect | None
) -> None:
    assert effect_of(verdict(decision=decision, mode=mode, blocked=blocked)) is effect


@pytest.mark.parametrize(
    ("action", "mode", "effect"),
    [
        (Action.BLOCK, Mode.ENFORCE, Effect.BLOCKED),
        (Action.REDACT, Mode.ENFORCE, Effect.REDACTED),
        (Action.FLAG, Mode.MONITOR, Effect.FLAGGED),
        (Action.BLOCK, Mode.MONITOR, Effect.WOULD_BLOCK),
        (Action.REDACT, Mode.MONITOR, Effect.WOULD_REDACT),
    ],
)
def test_a_guardrail_has_the_effect_of_its_action(action: Action, mode: Mode, effect: Effect) -> None:
    assert possible_effect(policy(Word("x", "x"), action=action, mode=mode)) is effect


def test_an_effect_is_marked_by_guardrail_by_check_and_by_rule() -> None:
    found = verdict(Side.INPUT, finding(PART, 0, 4), finding(PART, 5, 9), finding(PART, 9, 12, rule="card"))
    of = (Effect.REDACTED, Side.INPUT, "privacy")
    assert marks([found, verdict(Side.OUTPUT)]) == {
        Mark(*of),
        Mark(*of, "pii"),
        Mark(*of, "pii", "email"),
        Mark(*of, "pii", "card"),
    }
