"""The command reads the candidate as `handrail check` would, and the record as the other commands do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cli import main
from app.records import migrate
from app.records.engine import open_engine
from tests.app.records_cli.conftest import Run
from tests.exchanges import MS, STARTED_NS, exchange, request
from tests.recorded import put
from tests.servers import free_port

PRIVACY = "guardrails: {privacy: {on: [input], checks: [{pii: {entities: [email]}}], action: block}}\n"
REMOTE = """\
guardrails:
  judge: {{on: [input], checks: [{{webhook: {{url: "http://127.0.0.1:{port}/"}}}}], action: block}}
"""

Replay = Callable[..., tuple[int, str, str]]


@pytest.fixture
def replay(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> Replay:
    """Run the command on a record of three exchanges, of which two hold an address."""
    migrate.upgrade(sqlite_url)
    engine = open_engine(sqlite_url)
    texts = ("to anna@example.com", "fine", "cc: anna@example.com")
    put(
        engine,
        *(
            exchange(request=request(text), started_ns=STARTED_NS + i * MS, caller=f"team-{i}", verdicts=())
            for i, text in enumerate(texts)
        ),
    )
    engine.dispose()

    def run(candidate: str | None, *arguments: str) -> tuple[int, str, str]:
        file = tmp_path / "new.yaml"
        if candidate is not None:
            file.write_text(candidate)
        status = main(["records", "replay", str(file), "--database", sqlite_url, *arguments])
        said = capsys.readouterr()
        return status, said.out.replace(str(file), "new.yaml"), said.err.replace(str(file), "new.yaml")

    return run


def test_a_candidate_is_tried_on_what_both_databases_hold(records: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(PRIVACY.replace("pii: {entities: [email]}", "words: {deny: [handrail]}"))
    status, said, err = records("replay", str(file), "--json")
    report = json.loads(said)
    assert (status, err, report["exchanges"]) == (0, "", 2)
    assert report["totals"]["blocked"]["new"] == 1
    assert report["heard"] == {"requests": 2, "answers": 1}


@pytest.mark.parametrize(
    ("arguments", "exchanges", "blocked"),
    [
        ([], 3, 2),
        (["--caller", "team-0"], 1, 1),
        (["--limit", "2"], 2, 1),
        (["--until", "2000-01-01"], 0, 0),
    ],
    ids=["all", "filter", "limit", "none"],
)
def test_it_takes_the_filters_of_a_list(
    replay: Replay, arguments: list[str], exchanges: int, blocked: int
) -> None:
    status, said, err = replay(PRIVACY, "--json", *arguments)
    report = json.loads(said)
    assert (status, err, report["candidate"]) == (0, "", "new.yaml")
    assert (report["exchanges"], report["totals"]["blocked"]["now"]) == (exchanges, blocked)


@pytest.mark.parametrize(
    ("arguments", "samples"), [([], 2), (["--samples", "1"], 1), (["--samples", "0"], 0)]
)
def test_so_many_samples_are_shown(replay: Replay, arguments: list[str], samples: int) -> None:
    status, said, _ = replay(PRIVACY, *arguments)
    assert (status, said.count("privacy on input: pii.email in messages[0].content, 16 chara")) == (
        0,
        samples,
    )
    assert "anna" not in said


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (None, "new.yaml: cannot be read: No such file or directory"),
        ("guardrails: {x", "new.yaml:2: no YAML: "),
        ("{}\n", "new.yaml: has no guardrails to be tried"),
        (
            "guardrails:\n  x: {on: [input], checks: [{length: {}}], action: blok}\n",
            "new.yaml:2: guardrails.x.action: ",
        ),
    ],
    ids=["missing", "yaml", "empty", "mistake"],
)
def test_a_file_that_cannot_be_used_says_where(replay: Replay, candidate: str | None, said: str) -> None:
    status, out, err = replay(candidate)
    assert (status, out) == (2, "")
    assert err.startswith(f"handrail: {said}")


def test_other_services_are_asked_only_where_that_is_allowed(replay: Replay) -> None:
    candidate = REMOTE.format(port=free_port())
    assert replay(candidate) == (
        2,
        "",
        "handrail: new.yaml: asks other services: judge (webhook); --remote lets it send them texts\n",
    )
    status, said, _ = replay(candidate, "--remote", "--json")
    (failure,) = json.loads(said)["failures"]
    assert (status, failure["guardrail"], failure["now"], failure["would_have_blocked"]) == (0, "judge", 3, 3)


def test_names_that_callers_may_have_given_do_not_leak(
    records: Run, engine: sa.Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        changed = "guardrail = 'mail 4111 1111 1111 1111', decision = 'block', blocked = true"
        connection.execute(sa.text(f"UPDATE verdicts SET {changed}"))
    file = tmp_path / "new.yaml"
    file.write_text(PRIVACY)
    for arguments in ((), ("--json",)):
        status, said, _ = records("replay", str(file), *arguments)
        assert status == 0
        assert "[CARD]" in said
        assert "4111" not in said


@pytest.mark.parametrize("option", ["--limit", "--samples"])
def test_a_number_that_is_none_was_not_understood(replay: Replay, option: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        replay(PRIVACY, option, "-1")
