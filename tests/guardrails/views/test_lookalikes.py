"""Look-alikes are those that Unicode's own table knows, as another reader of that table has them."""

import disarm
import pytest

from guardrails.check import is_break
from guardrails.views.lookalikes import ANYWHERE, OF_OTHER_SCRIPTS

_OURS = frozenset("ёԚҺάέύήԼꓲꞮ\ufe63\uff0d\u0130")
"""A letter with an accent is taken for the one without; and those that a font makes alike."""


@pytest.mark.parametrize("there", [*OF_OTHER_SCRIPTS, *ANYWHERE])
def test_a_lookalike_is_one_in_unicode_too(there: str) -> None:
    here = {**OF_OTHER_SCRIPTS, **ANYWHERE}[there]
    assert len(here) == 1
    assert here.isascii()
    assert not there.isascii()
    if there not in _OURS:
        assert disarm.normalize_confusables(there).lower() == here.lower()


def test_what_counts_only_beside_latin_does_not_count_anywhere() -> None:
    assert not OF_OTHER_SCRIPTS.keys() & ANYWHERE.keys()
    assert not any(map(is_break, OF_OTHER_SCRIPTS))
