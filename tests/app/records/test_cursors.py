import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.cursors import Place, cursor_behind, place_before
from app.records.filters import BadQuestion, Filter

PLACE = Place("2026-11-22T20:51:52.123456Z", "01a22e75-b2b2-7225-88fd-8755ae5578ee")
ASKED = Filter(caller=("team",))


def test_a_cursor_names_its_place_in_its_own_question_only() -> None:
    cursor = cursor_behind(PLACE, ASKED, newest_first=True)
    assert place_before(cursor, ASKED, newest_first=True) == PLACE
    assert "=" not in cursor
    for other, newest_first in ((Filter(), True), (ASKED, False)):
        with pytest.raises(BadQuestion, match="another question"):
            place_before(cursor, other, newest_first=newest_first)


@given(cut=st.integers(0, 110), put=st.text(max_size=3))
def test_a_cursor_that_was_changed_is_none_or_still_a_place(cut: int, put: str) -> None:
    cursor = cursor_behind(PLACE, ASKED, newest_first=True)
    changed = cursor[:cut] + put + cursor[cut + len(put) + 1 :]
    try:
        place = place_before(changed, ASKED, newest_first=True)
    except BadQuestion:
        return
    assert (len(place.started_at), len(place.id)) == (27, 36)


@pytest.mark.parametrize("cursor", ["", "x", "é", "A" * 9, base64.urlsafe_b64encode(b"a b c").decode()])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadQuestion, match="none that was given"):
        place_before(cursor, ASKED, newest_first=True)
