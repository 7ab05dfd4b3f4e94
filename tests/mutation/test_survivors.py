"""Survivors are told by what they change, and only those that nobody accepted are new."""

import pytest

from tests.mutation.survivors import ACCEPTED, Change, accepted, asserts_no_more, change, report

DIFF = """\
--- guardrails/window.py
+++ guardrails/window.py
@@ -1,4 +1,4 @@
 def _cut(self, held: str, end: int) -> str:
-    self._look_from = 0
+    self._look_from = 1
     self.start += end
"""
LOOK_FROM = Change("guardrails.window.Window._cut", "self._look_from = 0", "self._look_from = 1")
ENTRY = f"# An empty text has nothing to look at.\n{LOOK_FROM}\n"


def test_a_diff_is_read_as_what_it_changes() -> None:
    assert change("guardrails.window.Window._cut", DIFF) == LOOK_FROM


def test_an_entry_says_why_and_may_hold_several_changes_of_a_function() -> None:
    assert accepted(ENTRY) == {LOOK_FROM}
    other = Change(LOOK_FROM.function, "a", "b")
    assert accepted(f"{ENTRY}- a\n+ b\n\n# Why.\nf\n- c\n+ d\n") == {LOOK_FROM, other, Change("f", "c", "d")}


@pytest.mark.parametrize("entry", ["f\n- a\n+ b", "# Why.\n- a\n+ b", "# Why.\nf\n- a", "# Why.\nf"])
def test_an_entry_without_a_reason_a_function_or_a_change_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="entry 1"):
        accepted(entry)


def test_only_what_nobody_accepted_and_what_is_gone_is_told() -> None:
    other = Change("f", "a", "b")
    assert report([LOOK_FROM], {LOOK_FROM}) == []
    assert report([LOOK_FROM, other], {LOOK_FROM}) == ["No test sees:\nf\n- a\n+ b"]
    assert report([], {other}) == ["Accepted, and not there any more:\nf\n- a\n+ b"]


def test_a_zip_that_asks_for_no_equal_lengths_is_no_survivor() -> None:
    strict = "for a, b in zip(c, d, strict=True):"
    assert asserts_no_more(Change("f", strict, "for a, b in zip(c, d, strict=False):"))
    assert asserts_no_more(Change("f", strict, "for a, b in zip(c, d, ):"))
    assert not asserts_no_more(Change("f", strict, "for a, b in zip(c, c, strict=True):"))


def test_what_is_accepted_can_be_read() -> None:
    assert accepted(ACCEPTED.read_text())
