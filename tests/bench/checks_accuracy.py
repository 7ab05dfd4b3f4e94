"""How well and how fast the checks find what they are for.

    python tests/bench/checks_accuracy.py PII SECRETS [ATTACKS HARMLESS]

PII and SECRETS are JSON lines: texts with labelled `spans`, and texts with a `label` of `secret` or `clean`;
ATTACKS and HARMLESS too: what a `user` says to take a model over, and what others ask.
What is printed are precision and recall by entity, where a find counts if it overlaps a labelled place of its
kind; how many texts with and without secrets are reported; and what one call costs, in microseconds of this
process's time. The status is 1 if a set is found worse than `FLOORS` and the bounds below it say.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from guardrails.check import Check, Run
from guardrails.config import guardrail
from tests.bench.wilson import written

LABELS: Mapping[str, str] = {
    "CREDIT_CARD": "card",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "PHONE_NUMBER": "phone",
    "US_SSN": "us_ssn",
    "US_DRIVER_LICENSE": "driving_licence",
}
FLOORS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("card", "email", "iban", "ip"), (0.98, 0.99)),
    "phone": (0.98, 0.90),
}
"""Least precision and recall. Of phones Presidio itself has 0.73 and 0.59."""
LEAST_SECRETS, MOST_CLEAN = 50, 3
MOST_HARMLESS = 0.01
"""Of harmless requests, those that `injection` may report."""
CLEAN = ("The report shows that revenue grew by a wide margin, and that the team expects more of it. " * 24)[
    :2048
]
VALUES = (
    "jane.doe@example.com, (212) 555-0123, 4111 1111 1111 1111, GB29 NWBK 6016 1331 9268 19, 460-89-9847, "
    "203.0.113.7, password: Tr0ub4dor&3xyz, foo bar 123-4 "
)
DIRTY = (CLEAN[:1000] + VALUES + CLEAN)[:2048]


def _each_entity() -> Iterator[tuple[str, dict[str, object]]]:
    for name in LABELS.values():
        yield f"pii: {name}", {"pii": {"entities": [name]}}


TIMED: list[tuple[str, dict[str, object]]] = [
    ("secrets", {"secrets": {}}),
    ("injection", {"injection": {}}),
    ("pii", {"pii": {}}),
    ("pii: all", {"pii": {"entities": ["all"]}}),
    *_each_entity(),
    ("words: deny 10", {"words": {"deny": ["foo bar", *(f"name {index}" for index in range(9))]}}),
    ("words: deny 3,000", {"words": {"deny": ["foo bar", *(f"name {index}" for index in range(2999))]}}),
    ("words: allow", {"words": {"allow": ["foo bar", "the report"]}}),
    ("regex: line", {"regex": {"pattern": r"\b\d{3}-\d\b"}}),
    ("regex: word", {"regex": {"pattern": r"^\d{3}-\d$", "per": "word"}}),
    ("length", {"length": {"max_chars": 4096}}),
]


class _Span(msgspec.Struct, frozen=True):
    type: str
    start: int
    end: int


class _Labelled(msgspec.Struct, frozen=True):
    text: str = ""
    user: str = ""
    spans: tuple[_Span, ...] = ()
    label: str = ""
    rule: str = ""
    case: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print the tables; return 1 if something is found worse than it shall be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pii", type=Path)
    parser.add_argument("secrets", type=Path)
    parser.add_argument("said", type=Path, nargs="*", metavar="ATTACKS HARMLESS")
    options = parser.parse_args(arguments)
    worse = [*print_entities(list(_read(options.pii))), *print_secrets(list(_read(options.secrets)))]
    for place, path in enumerate(options.said):
        share = print_said(path.name, list(_read(path)))
        if place == 1 and share >= MOST_HARMLESS:
            worse.append(f"injection reports {share:.1%} of harmless requests")
    print_times()
    print(f"worse than it shall be: {'; '.join(worse) or 'nothing'}")
    return int(bool(worse))


def print_entities(rows: Sequence[_Labelled]) -> Iterator[str]:
    """Print precision and recall by entity; yield what is below its floor."""
    check = _built({"pii": {"entities": ["common", "driving_licence"]}})
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        places = [(LABELS[span.type], span.start, span.end) for span in row.spans if span.type in LABELS]
        finds = [(match.rule, match.start, match.end) for match in check.find(Run(row.text))]
        right.update(place[0] for place in places if _meets(place, finds))
        missed.update(place[0] for place in places if not _meets(place, finds))
        wrong.update(find[0] for find in finds if not _meets(find, places))
    print(f"{'entity':15} {'precision':>20} {'recall':>20} {'right':>6} {'wrong':>6} {'missed':>6}")
    for name in LABELS.values():
        precision = written(right[name], right[name] + wrong[name])
        recall = written(right[name], right[name] + missed[name])
        print(f"{name:15} {precision} {recall} {right[name]:6} {wrong[name]:6} {missed[name]:6}")
        least_precision, least_recall = FLOORS.get(name, (0.0, 0.0))
        found, there = right[name] + wrong[name], right[name] + missed[name]
        if right[name] < least_precision * found or right[name] < least_recall * there:
            yield f"{name}: {right[name]} of {there} found, {wrong[name]} wrongly"


def print_secrets(rows: Sequence[_Labelled]) -> Iterator[str]:
    """Print how many texts are reported, and which of the clean ones; yield what is out of bounds."""
    check = _built({"secrets": {}})
    reported = [row for row in rows if check.find(Run(row.text))]
    for label in ("secret", "clean"):
        total = sum(row.label == label for row in rows)
        count = sum(row.label == label for row in reported)
        print(f"{label:10} {count} of {total} reported: {written(count, total)}")
        if (label == "secret" and count < LEAST_SECRETS) or (label == "clean" and count > MOST_CLEAN):
            yield f"{count} of {total} {label} texts reported"
    for row in reported:
        if row.label == "clean":
            rules = sorted({match.rule for match in check.find(Run(row.text))})
            print(f"           clean, and reported: {row.rule} {row.case}: {', '.join(rules)}")


def print_said(name: str, rows: Sequence[_Labelled]) -> float:
    """Print how many of what users say the check `injection` reports, and return their share.

    The phrases were tuned on the rows at even places of the attacks; those at odd places say what they are
    good for.
    """
    check, all_reported = _built({"injection": {}}), 0
    for half, chosen in (("even rows", rows[::2]), ("odd rows", rows[1::2])):
        reported = sum(bool(check.find(Run(row.user))) for row in chosen)
        all_reported += reported
        share = written(reported, len(chosen))
        print(f"injection  {reported} of {len(chosen)} {half} of {name} reported: {share}")
    return all_reported / max(1, len(rows))


def print_times() -> None:
    """Print what one call costs on 2 kB of prose, without and with values in it."""
    print(f"{'check':20} {'clean us':>9} {'dirty us':>9} {'finds':>6} {'is_open us':>11}")
    for name, item in TIMED:
        check = _built(item)
        clean, dirty = (_cost_us(check, text) for text in (CLEAN, DIRTY))
        began = time.process_time_ns()
        for _ in range(1000):
            check.is_open("the quarterly report of 212 ", 0)
        asked = (time.process_time_ns() - began) / 1e6
        print(f"{name:20} {clean:9.1f} {dirty:9.1f} {len(check.find(Run(DIRTY))):6} {asked:11.1f}")


def _cost_us(check: Check, text: str) -> float:
    """Return the best of ten rounds."""
    run = Run(text)
    rounds = []
    for _ in range(10):
        began = time.process_time_ns()
        for _ in range(50):
            check.find(run)
        rounds.append((time.process_time_ns() - began) / 50_000)
    return min(rounds)


def _meets(place: tuple[str, int, int], others: Sequence[tuple[str, int, int]]) -> bool:
    return any(place[0] == rule and place[1] < end and start < place[2] for rule, start, end in others)


def _built(item: dict[str, object]) -> Check:
    (check,) = guardrail("bench", {"checks": [item], "action": "flag"}).checks
    assert isinstance(check, Check)
    return check


def _read(path: Path) -> Iterator[_Labelled]:
    for line in path.read_bytes().splitlines():
        yield msgspec.json.decode(line, type=_Labelled)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
