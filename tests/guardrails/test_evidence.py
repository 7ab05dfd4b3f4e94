"""Evidence stays bounded and says so."""

import pytest

from guardrails import Action, Decision, Engine, Mode, OnError, Part, Remark, Run, Side
from guardrails.asking import Outcome
from guardrails.evidence import FINDINGS_KEPT, Evidence
from guardrails.fingerprint import fingerprint
from guardrails.panel import Panel
from tests.guardrails.exchanges import Considers, Examiner
from tests.guardrails.planted import Broken, Word, everybody, policy

KEY = b"key of the tests"


async def test_findings_beyond_a_thousand_are_counted_not_kept_and_still_acted_upon() -> None:
    engine = Engine([policy(Word("n", "[0-9]")), policy(Word("m", "[0-9]{2}"), action=Action.FLAG)], KEY)
    parts = [Part("a", "1 " * 700), Part("b", "2 " * 700 + "33 ")]
    screening = await engine.screen(parts)
    first, second = await engine.observe(parts, screening)
    assert len(first.findings) == FINDINGS_KEPT == 1000
    assert first.findings_dropped == 402
    assert (len(second.findings), second.findings_dropped) == (1, 0)
    assert "2" not in screening.redacted["b"]


async def test_what_is_kept_of_a_stream_is_what_is_kept_of_the_whole() -> None:
    engine = Engine([policy(Word("n", "[0-9]"), Word("m", "[1-9]"))], KEY)
    verdicts = []
    for fragments in (["1 0 " * 600], ["1 ", "0 "] * 600):
        screen = engine.output()
        for fragment in fragments:
            await screen.feed(Part("a", fragment))
        await screen.finish("a")
        verdicts.append(screen.verdicts()[0])
    assert verdicts[0].findings == verdicts[1].findings
    assert verdicts[0].findings_dropped == verdicts[1].findings_dropped == 800


@pytest.mark.parametrize(
    ("action", "mode", "on_error", "found", "fails", "decision", "blocked"),
    [
        (Action.BLOCK, Mode.ENFORCE, OnError.BLOCK, False, False, Decision.PASS, False),
        (Action.BLOCK, Mode.ENFORCE, OnError.BLOCK, True, False, Decision.BLOCK, True),
        (Action.BLOCK, Mode.ENFORCE, OnError.BLOCK, False, True, Decision.ERROR, True),
        (Action.BLOCK, Mode.ENFORCE, OnError.ALLOW, False, True, Decision.ERROR, False),
        (Action.BLOCK, Mode.ENFORCE, OnError.ALLOW, True, True, Decision.BLOCK, True),
        (Action.BLOCK, Mode.MONITOR, OnError.BLOCK, True, False, Decision.BLOCK, False),
        (Action.BLOCK, Mode.MONITOR, OnError.BLOCK, True, True, Decision.ERROR, False),
        (Action.REDACT, Mode.ENFORCE, OnError.BLOCK, True, False, Decision.REDACT, False),
        (Action.REDACT, Mode.ENFORCE, OnError.BLOCK, True, True, Decision.ERROR, True),
        (Action.REDACT, Mode.ENFORCE, OnError.ALLOW, True, True, Decision.ERROR, False),
        (Action.FLAG, Mode.ENFORCE, OnError.BLOCK, True, False, Decision.FLAG, False),
        (Action.FLAG, Mode.ENFORCE, OnError.BLOCK, False, True, Decision.ERROR, False),
    ],
)
async def test_what_a_guardrail_decides(
    action: Action, mode: Mode, on_error: OnError, found: bool, fails: bool, decision: Decision, blocked: bool
) -> None:
    checks = [Word("n", "[0-9]"), *([Broken(ValueError("7"))] if fails else [])]
    panel = Panel([policy(*checks, action=action, mode=mode, on_error=on_error)])
    evidence = Evidence(panel, Side.OUTPUT, KEY)
    run = Run("7 " if found else "x ")
    evidence.note("path", run, await panel.ask_local(run, everybody(panel)))
    (verdict,) = evidence.verdicts()
    assert (verdict.decision, verdict.blocked) == (decision, blocked)
    assert verdict.error == ("ValueError" if decision is Decision.ERROR else None)
    assert (verdict.action, verdict.mode, verdict.side) == (action, mode, Side.OUTPUT)
    assert len(verdict.findings) == found


async def test_the_first_error_is_kept() -> None:
    panel = Panel([policy(Broken(ValueError()), Broken(KeyError()))])
    evidence = Evidence(panel, Side.INPUT, KEY)
    run = Run("x")
    evidence.note("a", run, await panel.ask_local(run, everybody(panel)))
    evidence.note("a", run, {})
    assert evidence.verdicts()[0].error == "ValueError"


def test_a_guardrail_that_has_not_seen_all_is_not_complete() -> None:
    evidence = Evidence(Panel([policy(name="a"), policy(name="b")]), Side.INPUT, KEY)
    assert [verdict.complete for verdict in evidence.verdicts(incomplete={1})] == [True, False]


async def test_the_time_of_all_runs_adds_up() -> None:
    panel = Panel([policy(Word("n", "[0-9]"))])
    evidence = Evidence(panel, Side.OUTPUT, KEY)
    for _ in range(3):
        evidence.note("a", Run("x"), {0: Outcome(duration_ns=5)})
    assert evidence.verdicts()[0].duration_ns == 15


@pytest.mark.parametrize("kind", [Examiner, Considers])
async def test_what_was_said_about_an_exchange_is_kept_once_and_its_time_adds_up(
    kind: type[Examiner] | type[Considers],
) -> None:
    panel = Panel([policy(kind("request", lambda _: []), action=Action.BLOCK)])
    (place,) = panel.examination.places
    evidence = Evidence(panel, Side.INPUT, KEY)
    said = (Remark("a", "x"), Remark("a", "x"), Remark("b", "x"))
    for remarks in (said[:1], said, said):
        evidence.note_exchange({place: Outcome(remarks=remarks, duration_ns=5)})
    (verdict,) = evidence.verdicts()
    assert [(one.rule, one.part) for one in verdict.findings] == [("a", "x"), ("b", "x")]
    assert {one.fingerprint for one in verdict.findings} == {fingerprint(KEY, "")}
    assert verdict.duration_ns == 15


async def test_remarks_that_are_not_kept_do_not_hide_that_others_were_said_before() -> None:
    panel = Panel([policy(Examiner("request", lambda _: []), action=Action.BLOCK)])
    (place,) = panel.examination.places
    evidence = Evidence(panel, Side.INPUT, KEY)
    said = tuple(Remark("a", str(i)) for i in range(FINDINGS_KEPT + 2))
    evidence.note_exchange({place: Outcome(remarks=said)})
    evidence.note_exchange({place: Outcome(remarks=said[:1])})
    (verdict,) = evidence.verdicts()
    assert (len(verdict.findings), verdict.findings_dropped) == (FINDINGS_KEPT, 2)
