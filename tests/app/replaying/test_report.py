from app.domain.exchange import Outcome
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.replay import replay
from app.replaying.report import document
from guardrails import Action
from tests.exchanges import exchange, request
from tests.guardrails.planted import Word, policy
from tests.recorded import as_read

STRICT = policy(Word("email", r"[a-z]+@[a-z]+"), name="strict", action=Action.BLOCK)


async def test_the_document_has_the_same_numbers() -> None:
    candidate = Candidate([STRICT], {})
    first = exchange(request=request("to a@b"), verdicts=())
    done = Comparison(2)
    for one in (first, exchange(outcome=Outcome.REJECTED)):
        done.add(await replay(candidate, as_read(one, "full"), str))
    said = document("new.yaml", candidate, done)
    assert (said["candidate"], said["exchanges"]) == ("new.yaml", 2)
    assert said["heard"] == {"requests": 1, "answers": 1}
    assert said["not_heard"] == [{"what": "exchanges", "why": "rejected", "exchanges": 1}]
    counts = {"before": 0, "now": 1, "new": 1, "no_longer": 0, "same": 0, "unknown": 0}
    assert said["totals"]["blocked"] == counts
    of = {"effect": "blocked", "guardrail": "strict", "in_candidate": True, "side": "input", **counts}
    assert said["checks"] == [
        of | {"check": None, "rule": None},
        of | {"check": "word", "rule": None},
        of | {"check": "word", "rule": "email"},
    ]
    (sample,) = said["samples"]
    assert [*sample["findings"]] == [
        {
            "check": "word",
            "rule": "email",
            "part": "messages[0].content",
            "length": 3,
            "placeholder": "[EMAIL]",
        }
    ]
