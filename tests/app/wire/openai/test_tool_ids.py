"""Ids of tool calls in a provider's own form."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.wire.openai.tool_ids import ToolIdWriter

WRITER = ToolIdWriter("[A-Za-z0-9]{9}", 9)


def test_an_id_that_will_do_stays() -> None:
    assert WRITER.write("abcDEF123") == "abcDEF123"


def test_an_id_keeps_its_form_over_time() -> None:
    assert WRITER.write("call_1") == "hdxAEgYHG"


@given(st.text())
def test_every_id_fits_and_stays_the_same(call_id: str) -> None:
    written = WRITER.write(call_id)
    assert re.fullmatch("[A-Za-z0-9]{9}", written)
    assert ToolIdWriter("[A-Za-z0-9]{9}", 9).write(call_id) == written
    assert WRITER.write(written) == written


@given(st.sets(st.text(), min_size=2, max_size=50))
def test_different_ids_stay_different(call_ids: set[str]) -> None:
    assert len({WRITER.write(call_id) for call_id in call_ids}) == len(call_ids)
