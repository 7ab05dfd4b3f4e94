import json

import pytest

from tests.app.records_cli.conftest import FAILED, OK, Run


@pytest.mark.parametrize("name", [OK.id, OK.trace_id, OK.trace_id[:12]], ids=["id", "trace", "beginning"])
def test_an_exchange_is_shown_by_any_of_its_names(records: Run, name: str) -> None:
    status, said, _ = records("show", name)
    assert (status, said.splitlines()[0]) == (0, f"Exchange {OK.id}")
    assert "feedback      +4 by team-a" in said


def test_all_of_it_is_there_as_json(records: Run) -> None:
    status, said, _ = records("show", FAILED.id, "--json")
    document = json.loads(said)
    assert (status, document["exchange"]["error_code"]) == (0, "upstream_broken")
    assert [payload["kind"] for payload in document["payloads"]] == ["request"]


def test_an_exchange_that_is_not_there_is_said(records: Run) -> None:
    assert records("show", "f" * 32)[::2] == (
        1,
        f"handrail: no exchange is named {'f' * 32}, by id, trace id or the beginning of one\n",
    )
