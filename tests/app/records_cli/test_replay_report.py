"""The report says the same as lines and as a document."""

from typing import Any

import pytest

from app.domain.exchange import ExchangeRecord, Outcome
from app.records_cli.replay_report import lines
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.replay import replay
from guardrails import Action, Decision, Guardrail, Mode, Side
from tests.app.replaying.test_candidate import Token
from tests.exchanges import exchange, finding, request, response, verdict
from tests.guardrails.planted import Broken, Word, policy
from tests.recorded import as_read

MAIL = Word("email", r"[a-z]+@[a-z]+")
BLOCKED = {"decision": Decision.BLOCK, "action": Action.BLOCK, "blocked": True}
STRICT = policy(MAIL, name="strict", action=Action.BLOCK)


async def compared(candidate: Candidate, *exchanges: ExchangeRecord, content: Any = "full") -> Comparison:
    done = Comparison(2)
    for one in exchanges:
        done.add(await replay(candidate, as_read(one, content), str))
    return done


async def report(*exchanges: ExchangeRecord, guardrails: list[Guardrail], content: Any = "full") -> list[str]:
    candidate = Candidate(guardrails, {})
    done = await compared(candidate, *exchanges, content=content)
    return [*lines("new.yaml", candidate, done, None)]


async def test_the_report_says_what_would_change_by_guardrail_check_and_rule() -> None:
    old = verdict(Side.INPUT, finding("user", 0, 4), **BLOCKED, guardrail="old")
    first = exchange(id="a" * 32, request=request("to a@b"), response=response("fine"), verdicts=())
    second = exchange(id="b" * 32, outcome=Outcome.BLOCKED_INPUT, response=None, verdicts=(old,))
    said = await report(first, second, guardrails=[STRICT])
    trace = first.trace_id
    assert (
        "\n".join(said)
        == f"""\
new.yaml over 2 exchanges: 2 requests and 1 answer heard again
  not heard: 1 answer, never given, for the exchange was blocked on input

exchanges  before  now  new  no longer  same  unknown
blocked    1       1    1    1          0     0

blocked by             side   before  now  new  no longer  same  unknown
old (not in the file)  input  1       0    0    1          0     0
  pii                  input  1       0    0    1          0     0
    pii.email          input  1       0    0    1          0     0
strict                 input  0       1    1    0          0     0
  word                 input  0       1    1    0          0     0
    word.email         input  0       1    1    0          0     0

Samples: newly blocked
  {"a" * 32}  trace {trace}
    strict on input: word.email in messages[0].content, 3 characters, [EMAIL]

Samples: no longer blocked
  {"b" * 32}  trace {trace}
    old on input: pii.email in user, 4 characters, [EMAIL]"""
    )


async def test_what_is_only_watched_has_a_table_of_its_own() -> None:
    watch = policy(MAIL, name="watch", action=Action.BLOCK, mode=Mode.MONITOR)
    said = await report(exchange(request=request("to a@b"), verdicts=()), guardrails=[watch])
    assert said[3] == "would have blocked, in monitor  0       1    1    0          0     0"
    assert not any(line.startswith(("blocked", "Samples: newly blocked")) for line in said)


async def test_guardrails_that_failed_have_a_line_of_their_own() -> None:
    broken = policy(Broken(KeyError("x")), name="broken", action=Action.BLOCK)
    said = await report(exchange(verdicts=()), guardrails=[broken])
    assert "  broken on input: KeyError: 1 now, 1 of them would have blocked; 0 before" in said
    assert "    broken on input: failed: KeyError" in said


async def test_what_limits_the_report_is_said() -> None:
    then = verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 4))
    token = policy(Token(), name="token", action=Action.BLOCK)  # type: ignore[arg-type]
    said = await report(
        exchange(verdicts=(then,)), exchange(), guardrails=[STRICT, token], content="redacted"
    )
    assert said[1:4] == [
        "  2 exchanges were recorded redacted: values already replaced cannot be found again",
        "  1 answer was redacted or blocked on the way: what was taken out is not on record",
        "  token: token was left out: it reads headers, which are not on record",
    ]


@pytest.mark.parametrize("width", [60, None])
async def test_where_nothing_happened_the_report_says_so(width: int | None) -> None:
    candidate = Candidate([STRICT], {})
    said = [*lines("new.yaml", candidate, await compared(candidate, exchange(verdicts=())), width)]
    assert said[-1].split() == ["none", *6 * ["0"]]
    assert width is None or max(map(len, said[1:])) <= width


async def test_what_was_recorded_may_not_steer_a_terminal() -> None:
    then = verdict(Side.INPUT, finding("user", 0, 4, rule="\x1b[31m"), guardrail="old\x1b[2J")
    said = await report(exchange(verdicts=(then,)), guardrails=[STRICT])
    assert "\x1b" not in "".join(said)
