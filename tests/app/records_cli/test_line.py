from app.records_cli.line import NAMES, SHORT_NAMES, WIDTHS, cells, names
from tests.app.records_cli.conftest import OK

ROW = {
    "started_at": "2026-11-22T20:51:52.123456Z",
    "id": OK.id,
    "trace_id": OK.trace_id,
    "caller": "team-a",
    "provider": None,
    "model": None,
    "requested_model": "@x/y",
    "outcome": None,
    "status_code": None,
    "duration_ms": None,
    "prompt_tokens": None,
    "completion_tokens": 5,
    "cost_usd": None,
    "fired": [],
    "feedback": [-3, 4],
}


def test_what_has_only_begun_has_a_line_too() -> None:
    assert cells(ROW, None) == (
        "2026-11-22 20:51:52.123", OK.id, "team-a", "@x/y", "begun", "", "", "+5", "", "feedback -3, +4",
    )  # fmt: skip
    assert cells(ROW, 80)[:2] == ("2026-11-22 20:51:52", OK.trace_id[:12])
    assert len(NAMES) == len(SHORT_NAMES) == len(WIDTHS)
    assert (names(None), names(80)) == (NAMES, SHORT_NAMES)
