"""Guardrails are tried on what a real service put on record, in every way in which it keeps bodies."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.keys import key_hash
from app.cli import main
from tests.e2e.completions import echo
from tests.e2e.planted import EMAIL
from tests.e2e.rows import Database
from tests.servers import free_port, serve
from tests.upstreams import Upstream

LEVELS = ("full", "redacted", "hashes", "none")
PLANTED = (EMAIL, EMAIL.partition("@")[0], "launch", "falcon", "hello")
LIVE = """\
guardrails:
  privacy: {on: [input, output], checks: [{pii: {entities: [email]}}], action: redact}
  no-codes: {on: [input], checks: [{words: {deny: [launch code]}}], action: block}
"""
MORE = """\
guardrails:
  privacy: {on: [input, output], checks: [{pii: {entities: [email]}}], action: block}
  no-codes: {on: [input], checks: [{words: {deny: [launch code]}}], action: block}
  no-birds: {on: [input, output], checks: [{words: {deny: [falcon], name: bird}}], action: block}
  greetings: {on: [output], mode: monitor, checks: [{words: {deny: [hello]}}], action: block}
"""
LESS = "guardrails: {privacy: {on: [input, output], checks: [{pii: {entities: [email]}}], action: redact}}\n"
FAILING = """\
guardrails:
  judge: {{on: [input], checks: [{{webhook: {{url: "http://127.0.0.1:{port}/"}}}}], action: block}}
"""
ARGUMENTS = json.dumps({EMAIL: "now"})
CALL = {"id": "c", "type": "function", "function": {"name": "send", "arguments": ARGUMENTS}}
CONVERSATIONS: tuple[list[dict[str, Any]], ...] = (
    [{"role": "user", "content": "hello there"}],
    [{"role": "user", "content": f"write to {EMAIL} today"}],
    [{"role": "user", "content": "what is the launch code?"}],
    [{"role": "user", "content": "tell me of the falcon"}],
    [
        {"role": "user", "content": "send it"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "sent"},
    ],
)

Report = dict[str, Any]
Replay = Callable[..., Report]


def counts(new: int = 0, no_longer: int = 0, same: int = 0, unknown: int = 0) -> dict[str, int]:
    before, now = same + no_longer + unknown, same + new
    return {
        "before": before,
        "now": now,
        "new": new,
        "no_longer": no_longer,
        "same": same,
        "unknown": unknown,
    }


def by_guardrail(report: Report, effect: str) -> dict[tuple[str, str], dict[str, int]]:
    return {
        (row["guardrail"], row["side"]): {name: row[name] for name in counts()}
        for row in report["checks"]
        if row["effect"] == effect and row["check"] is None
    }


@pytest.fixture
async def recorded(record: Database, tmp_path: Path) -> Path:
    """Record ten exchanges of each of four keys, bodies encrypted; give the configuration."""
    folder = tmp_path / "service"
    folder.mkdir()
    keys = ", ".join(f'{level}: {{hash: "{key_hash(f"hr-{level}")}", content: {level}}}' for level in LEVELS)
    body_key = base64.b64encode(b"k" * 32).decode()
    async with Upstream(echo) as upstream:
        config = f"""\
providers: {{up: {{kind: openai, base_url: "{upstream.base_url}"}}}}
keys: {{{keys}}}
records:
  url: "{record.url}"
  content: full
  durability: strict
  encryption: {{active: one, keys: {{one: "{body_key}"}}}}
{LIVE}"""
        with serve(config, folder) as service:
            async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
                for level in LEVELS:
                    headers = {"authorization": f"Bearer hr-{level}"}
                    for messages in CONVERSATIONS:
                        for stream in (False, True):
                            asked = {"model": "@up/m", "messages": messages, "stream": stream}
                            answer = await client.post("/v1/chat/completions", json=asked, headers=headers)
                            assert answer.status_code in {200, 446}, answer.text
    assert len(record.query("SELECT id FROM exchanges WHERE outcome IS NOT NULL")) == 40
    return folder / "handrail.yaml"


@pytest.fixture
def replay(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Replay:
    """Try a candidate on the exchanges of one key, in both forms, neither of which may leak."""

    def run(candidate: str, level: str, *arguments: str, where: tuple[str, ...] = ()) -> Report:
        file = tmp_path / "candidate.yaml"
        file.write_text(candidate)
        place = where or ("--config", str(recorded))
        command = ["records", "replay", str(file), *place, "--caller", level, "--samples", "99", *arguments]
        assert main(command) == 0
        text = capsys.readouterr()
        assert main([*command, "--json"]) == 0
        document = capsys.readouterr()
        for said in (text.out, text.err, document.out, document.err):
            assert [value for value in PLANTED if value.lower() in said.lower()] == []
        report: Report = json.loads(document.out)
        assert report["exchanges"] == 10
        return report

    return run


def test_what_a_candidate_would_change_is_counted(record: Database, replay: Replay) -> None:
    """All that was asked and answered in one go, for each case needs the same forty exchanges."""
    _whole_bodies(replay(MORE, "full"))
    _redacted_bodies(replay(MORE, "redacted"))
    _no_bodies(replay)
    _less(replay)
    _failing(replay)
    _without_the_key(replay, record)


def _whole_bodies(report: Report) -> None:
    assert report["heard"] == {"requests": 10, "answers": 8}
    assert report["not_heard"] == [{"what": "answers", "why": "blocked_on_input", "exchanges": 2}]
    assert (report["recorded_redacted"], report["altered_answers"]) == (0, 0)
    # Two addresses in texts, two in the keys of arguments, two birds; two codes as before.
    assert report["totals"]["blocked"] == counts(new=6, same=2)
    assert report["totals"]["redacted"] == counts(no_longer=4)
    assert report["totals"]["would_block"] == counts(new=2)
    assert by_guardrail(report, "blocked") == {
        ("no-birds", "input"): counts(new=2),
        ("no-birds", "output"): counts(new=2),
        ("no-codes", "input"): counts(same=2),
        ("privacy", "input"): counts(new=4),
    }
    assert by_guardrail(report, "would_block") == {("greetings", "output"): counts(new=2)}
    new = [one for one in report["samples"] if (one["effect"], one["change"]) == ("blocked", "new")]
    assert len(new) == 8
    places = {found["part"] for one in new if one["guardrail"] == "privacy" for found in one["findings"]}
    assert places == {
        "messages[0].content",
        "messages[1].tool_calls[0].function.arguments#.[REDACTED]",
    }
    assert {found["rule"] for one in new for found in one["findings"]} == {"email", "bird"}


def _redacted_bodies(report: Report) -> None:
    assert report["recorded_redacted"] == 10
    assert report["totals"]["blocked"] == counts(new=2, unknown=2)
    assert report["totals"]["redacted"] == counts(no_longer=4)
    assert by_guardrail(report, "blocked") == {
        ("no-birds", "input"): counts(new=2),
        ("no-birds", "output"): counts(new=2),
        ("no-codes", "input"): counts(unknown=2),
    }


def _no_bodies(replay: Replay) -> None:
    for level, why in (("hashes", "only_hashed"), ("none", "not_kept")):
        report = replay(MORE, level)
        assert report["heard"] == {"requests": 0, "answers": 0}
        assert {(one["what"], one["why"]): one["exchanges"] for one in report["not_heard"]} == {
            ("requests", why): 10,
            ("answers", why): 8,
            ("answers", "blocked_on_input"): 2,
        }
        assert report["totals"]["blocked"] == counts(unknown=2)


def _less(replay: Replay) -> None:
    report = replay(LESS, "full")
    assert report["totals"]["blocked"] == counts(no_longer=2)
    assert report["totals"]["redacted"] == counts(same=4)
    assert [row["in_candidate"] for row in report["checks"] if row["effect"] == "blocked"] == 3 * [False]
    # That a guardrail is gone is known whatever of the body is.
    assert replay(LESS, "redacted")["totals"]["blocked"] == counts(no_longer=2)
    assert replay(LESS, "redacted")["totals"]["redacted"] == counts(unknown=4)


def _failing(replay: Replay) -> None:
    report = replay(FAILING.format(port=free_port()), "full", "--remote")
    assert report["totals"]["blocked"] == counts(new=8, same=2)
    failures = report["failures"]  # on a busy machine some are too late to be refused, which is a timeout
    assert {(one["guardrail"], one["side"], one["before"]) for one in failures} == {("judge", "input", 0)}
    for name in ("now", "would_have_blocked"):
        assert sum(one[name] for one in failures) == 10


def _without_the_key(replay: Replay, record: Database) -> None:
    report = replay(MORE, "full", where=("--database", record.url))
    assert report["heard"] == {"requests": 0, "answers": 0}
    assert {one["why"] for one in report["not_heard"]} == {"encrypted", "blocked_on_input"}
