"""An exchange meets the guardrails that it would have met under the candidate file."""

from typing import Any

import msgspec
import pytest

from app.replaying.candidate import Candidate, can_have, is_untried, possible_effects
from app.replaying.effects import Effect, Mark
from guardrails import Action, Guardrail, Mode, Side
from guardrails.names import Names
from tests.exchanges import exchange
from tests.guardrails.planted import Judge, Word, policy
from tests.recorded import as_read

MAIL = Word("email", r"[a-z]+@[a-z]+")


class Token:
    """A check that reads a header."""

    kind = "token"
    reads = frozenset({"request"})
    headers = frozenset({"x-token"})

    def examine(self, subject: object) -> tuple[()]:
        raise AssertionError("headers are not on record")


def changed(guardrail: Guardrail, **changes: Any) -> Guardrail:
    return msgspec.structs.replace(guardrail, **changes)


def met(*guardrails: Guardrail, spoken: tuple[str, ...] = (), **changes: Any) -> list[str]:
    candidate = Candidate(guardrails, {"team-a": ("bound",)})
    chosen = candidate.choose(as_read(exchange(**changes)).exchange, spoken)
    return [one.name for one in chosen.guardrails]


def test_defaults_those_of_the_key_and_those_that_spoke_apply() -> None:
    all_ = [
        policy(MAIL, name="default"),
        *(changed(policy(MAIL, name=name), default=False) for name in ("bound", "spoken", "other")),
    ]
    assert met(*all_, spoken=("spoken", "gone")) == ["default", "bound", "spoken"]
    assert met(*all_, caller="team-b") == ["default"]


@pytest.mark.parametrize("pattern", ["gpt-4o", "@openai/*"])
def test_a_guardrail_for_models_applies_to_those_that_were_asked(pattern: str) -> None:
    one = changed(policy(MAIL, name="models"), models=Names((pattern,)))
    assert met(one) == met(one, requested_model="prod") == ["models"]
    assert met(one, provider="claude", model="claude-5", requested_model="prod") == []
    assert met(one, provider=None, model=None, requested_model=None) == []


def test_checks_that_read_headers_are_left_out_and_named() -> None:
    mixed, token = policy(Token(), MAIL, name="mixed"), policy(Token(), name="token", action=Action.BLOCK)  # type: ignore[arg-type]
    candidate = Candidate([mixed, token], {})
    assert [*candidate.left_out()] == [("mixed", "token"), ("token", "token")]
    chosen = candidate.choose(as_read(exchange()).exchange, ["mixed"])
    assert chosen.guardrails == (mixed, token)
    assert not chosen.engine.headers
    assert is_untried([token], Mark(Effect.BLOCKED, Side.INPUT, "token"))
    assert is_untried([mixed], Mark(Effect.REDACTED, Side.INPUT, "mixed", "token", "jwt"))
    assert not is_untried([mixed], Mark(Effect.REDACTED, Side.INPUT, "mixed", "word", "email"))


def test_checks_that_ask_other_services_are_named() -> None:
    candidate = Candidate([policy(MAIL, name="local"), policy(Judge(), MAIL, name="judging")], {})
    assert [*candidate.remote()] == [("judging", "judge")]
    assert [*candidate.names] == ["local", "judging"]


@pytest.mark.parametrize(
    ("mark", "can"),
    [
        (Mark(Effect.REDACTED, Side.INPUT, "privacy"), True),
        (Mark(Effect.REDACTED, Side.INPUT, "privacy", "word", "email"), True),
        (Mark(Effect.REDACTED, Side.INPUT, "privacy", "pii", "email"), False),
        (Mark(Effect.BLOCKED, Side.INPUT, "privacy"), False),
        (Mark(Effect.WOULD_REDACT, Side.INPUT, "privacy"), False),
        (Mark(Effect.REDACTED, Side.OUTPUT, "privacy"), False),
        (Mark(Effect.REDACTED, Side.INPUT, "other"), False),
    ],
)
def test_what_a_guardrail_can_never_do_is_known_without_hearing_anything(mark: Mark, can: bool) -> None:
    privacy = changed(policy(MAIL, name="privacy"), on=frozenset({Side.INPUT}))
    assert can_have([privacy], mark) is can


def test_what_any_of_them_could_have_done_on_a_side() -> None:
    watch = changed(policy(MAIL, action=Action.BLOCK, mode=Mode.MONITOR), on=frozenset({Side.OUTPUT}))
    assert possible_effects([policy(MAIL), watch], Side.INPUT) == {Effect.REDACTED}
    assert possible_effects([policy(MAIL), watch], Side.OUTPUT) == {Effect.REDACTED, Effect.WOULD_BLOCK}
