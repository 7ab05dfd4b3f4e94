"""Cases are tried as written, then disguised where there is something to be found."""

from app.guard_cases.cases import Case, Cases
from app.guard_cases.rounds import WAYS, rounds
from guardrails import Engine
from tests.guardrails.planted import Word, policy

CASES = Cases(
    "cases.yaml",
    (
        Case(text="a@b", expect=("word",)),
        Case(text="clean"),
        Case(text="aa@bb", on="output", expect=("word",)),
    ),
    (1, 2, 3),
)


async def test_each_way_is_a_round_of_the_cases_it_can_disguise() -> None:
    engine = Engine([policy(Word("email", r"[a-z]+@[a-z]+"))], b"key")
    done = await rounds(engine, CASES, WAYS)
    assert [one.name for one in done] == ["as written", *WAYS]
    tried = {one.name: [place for place, _ in one.results] for one in done}
    assert tried["as written"] == [0, 1, 2]
    assert tried["zero-width"] == [0, 2]
    assert tried["split"] == [2]
    assert all("word" in result.found for _, result in done[-1].results)
