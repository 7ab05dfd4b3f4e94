"""What is on record after the rounds of `kill_nine.py`, held against what callers and the provider know."""

import json
from collections.abc import Sequence

import msgspec

from app.records.verification import Asked, verify
from tests.bench.kill_round import BOUND_S, Callers, Given, Place
from tests.e2e.rows import Database, Row

_WHOLE = """
SELECT e.id, e.outcome, e.stream,
  (SELECT count(*) FROM payloads p WHERE p.exchange_id = e.id) AS payloads,
  (SELECT count(*) FROM attempts a WHERE a.exchange_id = e.id) AS attempts,
  (SELECT count(*) FROM verdicts v WHERE v.exchange_id = e.id) AS verdicts
FROM exchanges e
"""


class Findings(msgspec.Struct):
    """What was found."""

    rounds: int
    kills: int
    answers: int
    rows: int
    interrupted: int
    lost: int
    """Answers that a caller has and that are not on record."""
    lost_s: float
    """How long before a kill the oldest of them was given."""
    wrong: list[str]
    """What must not be."""

    def line(self) -> str:
        """Return it in one line, and what is wrong in more."""
        head = (
            f"rounds {self.rounds}, kills {self.kills}, answers {self.answers}, rows {self.rows}, "
            f"interrupted {self.interrupted}, lost {self.lost}"
        )
        if self.lost:
            head += f" (at most {self.lost_s * 1000:.0f} ms before a kill)"
        return "\n    WRONG: ".join([head, *self.wrong[:10]])


def look(place: Place, callers: Callers, lives: Sequence[Sequence[float]]) -> Findings:
    """Look at the record of a place.

    Args:
        place: where it is.
        callers: who know what they got.
        lives: of the servers there, when something of each was killed; the last kill was of all of it.
    """
    database = Database(place.url)
    rows = {str(row["id"]): row for row in database.query(_WHOLE)}
    bodies = {
        (str(row["exchange_id"]), row["kind"]): json.loads(row["body"])
        for row in database.query("SELECT exchange_id, kind, body FROM payloads")
    }
    found = Findings(len(lives), sum(map(len, lives)), len(callers.given), len(rows), 0, 0, 0.0, [])
    for row in rows.values():
        found.wrong += _half(row)
        found.interrupted += row["outcome"] == "interrupted"
    twice = database.query("SELECT id FROM exchanges GROUP BY id HAVING count(*) > 1")
    found.wrong += [f"{row['id']} is there twice" for row in twice]
    for given in callers.given:
        if given.id not in rows or rows[given.id]["outcome"] != "ok":
            _lose(found, given, lives[given.life] if lives else (), place)
        elif bodies[given.id, "response"]["choices"][0]["message"]["content"] != given.text:
            found.wrong.append(f"{given.id} has another answer than its caller got")
    if place.durability == "strict":
        on_record = {
            body["messages"][0]["content"] for (_, kind), body in bodies.items() if kind == "request"
        }
        found.wrong += [f"{one} went upstream off the record" for one in callers.asked - on_record]
    found.wrong += [f"verify: {flaw}" for flaw in verify(Asked(place.url), processes=1).flaws]
    return found


def _half(row: Row) -> list[str]:
    """Return what is missing of an exchange."""
    whole = {"ok": (2, 1, 2), "interrupted": (1, 0, 0)}.get(row["outcome"])
    has = (row["payloads"], row["attempts"], row["verdicts"])
    if row["outcome"] is None:
        return [f"{row['id']} is still open"]
    return [f"{row['id']} ({row['outcome']}) has {has}"] if whole is not None and has != whole else []


def _lose(found: Findings, given: Given, kills: Sequence[float], place: Place) -> None:
    age_s = min(
        (kill - given.at for kill in kills if kill >= given.at), default=0.0 if kills else float("inf")
    )
    found.lost += 1
    found.lost_s = max(found.lost_s, age_s)
    if place.durability == "strict" or age_s > BOUND_S:
        found.wrong.append(f"{given.id} was answered {age_s:.3f} s before a kill and is not on record")
