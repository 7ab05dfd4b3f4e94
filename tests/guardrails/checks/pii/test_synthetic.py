"""How well the common kinds are told from what looks like them, on texts made by chance."""

from collections import Counter
from random import Random

import pytest

from tests.guardrails.checks.finding import built, found
from tests.guardrails.checks.pii.synthetic import hard_negatives, labelled

COUNT = 200
KINDS = ("card", "email", "iban", "ip", "phone")


@pytest.mark.parametrize("seed", [1, 2])
def test_values_are_found_and_what_looks_like_them_is_not(seed: int) -> None:
    check = built("pii")
    right, wrong = Counter[str](), Counter[str]()
    for text, kind, value in labelled(Random(seed), COUNT):
        finds = found(check, text)
        right[kind] += (kind, value) in finds
        wrong.update(rule for rule, _ in finds if rule != kind)
    for text, _ in hard_negatives(Random(seed), COUNT):
        wrong.update(rule for rule, _ in found(check, text))
    for kind in KINDS:
        assert right[kind] >= 0.99 * COUNT, (kind, right[kind])
        assert right[kind] >= 0.98 * (right[kind] + wrong[kind]), (kind, right[kind], wrong[kind])
