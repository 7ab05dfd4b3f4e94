import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.access.keys import Keyring, key_hash
from app.cli import main
from app.configuration.reader import Source, configure
from guardrails.checks.secrets import maintained

GOOD = """\
providers: {openai: {kind: openai, api_key: "${MY_KEY}"}}
guardrails: {secrecy: {on: [input], checks: [{secrets: {}}], action: block}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, and without the variables that say which file to use."""
    monkeypatch.chdir(tmp_path)
    for name in ("HANDRAIL_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port that a program listens on which would share it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_good_file_is_described(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mine.yaml").write_text(GOOD)
    monkeypatch.setenv("MY_KEY", "sk")
    assert main(["check", "mine.yaml"]) == 0
    said = capsys.readouterr().out
    assert "mine.yaml: all is well: 1 provider, 1 guardrail, 0 keys" in said
    assert "answers pass as they are" in said


def test_a_check_starts_and_changes_nothing(folder: Path) -> None:
    assert main(["check"]) == 0
    assert list(folder.iterdir()) == []


def test_every_mistake_is_said_with_line_and_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "handrail.yaml").write_text(GOOD + "sever: {}\n")
    assert main(["check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "handrail: handrail.yaml:1: providers.openai.api_key: the environment variable MY_KEY is not set",
        "handrail: handrail.yaml:3: sever: is no setting; did you mean server?",
    ]


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_cannot_hold_records_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    (folder / "handrail.yaml").write_text(f'records: {{url: "{url}"}}\n')
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "records.url" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], command: str) -> None:
    arguments = ["check", "nope.yaml"] if command == "check" else ["serve", "--config", "nope.yaml"]
    assert main(arguments) == 1
    assert capsys.readouterr().err == "handrail: nope.yaml: cannot be read: No such file or directory\n"


def test_a_taken_port_is_said_before_anything_is_served(
    capsys: pytest.CaptureFixture[str], taken_port: int
) -> None:
    assert main(["serve", "--port", str(taken_port)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == (
        f"handrail: 127.0.0.1:{taken_port} is taken: another program listens there. "
        "Stop it, or choose another port with --port."
    )


def test_a_host_that_others_can_reach_needs_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "handrail keys new" in capsys.readouterr().err


def test_a_database_that_cannot_be_reached_is_said_before_anything_is_served(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "handrail.yaml").write_text('records: {url: "sqlite:///nowhere/at/all.db"}\n')
    assert main(["serve", "--port", "0"]) == 1
    assert "records.url" in capsys.readouterr().err.splitlines()[-1]


def test_rules_are_loaded_once_for_all_workers(taken_port: int) -> None:
    maintained._loaded.cache_clear()
    assert main(["serve", "--port", str(taken_port)]) == 1
    assert maintained._loaded.cache_info().currsize == 1, "which is where workers come from"


def test_rules_that_cannot_be_loaded_are_said_before_anything_is_served(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "handrail.yaml").write_text("{}\n")
    monkeypatch.setitem(sys.modules, "kingfisher_sdk", None)
    maintained._loaded.cache_clear()
    assert main(["serve", "--port", "0"]) == 1
    assert "install kingfisher-secret-scanner anew" in capsys.readouterr().err.splitlines()[-1]


def test_a_new_key_works_with_the_lines_that_come_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new", "team-a"]) == 0
    said = capsys.readouterr().out
    (key,) = re.findall(r"hr-[A-Za-z0-9_-]{43}", said)
    pasted = said[said.index("keys:\n") :]
    settings = configure(Source("handrail.yaml", pasted), {}).settings
    assert settings.keys["team-a"].hash == key_hash(key)
    assert Keyring(settings.keys).caller([(b"authorization", f"Bearer {key}".encode())]).name == "team-a"
    assert key not in pasted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["keys", "new", "team a"], "no name"),
        (["keys", "new", "-x"], ""),
        (["keys", "new"], "NAME"),
        (["serve", "--port", "65536"], "no number from 0 to 65535"),
        (["serve", "--port", "-1"], ""),
        (["serve", "--port", "²"], "no number"),
        (["serve", "--workers", "0"], "no number from 1"),
        (["frobnicate"], "invalid choice"),
        ([], "COMMAND"),
    ],
)
def test_what_is_not_understood_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["serve"], ["check"], ["keys"], ["keys", "new"]])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    assert len(capsys.readouterr().out) > 150


def test_it_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"handrail \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_kinds_lists_them_and_says_what_each_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0
    assert "anthropic" in capsys.readouterr().out
    assert main(["kinds", "bedrock"]) == 0
    assert "AWS's own chain" in capsys.readouterr().out
    assert main(["kinds", "magic"]) == 1
    assert "no kind is named magic" in capsys.readouterr().err


def test_whoever_reads_no_further_sees_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = (sys.executable, "-m", "app", "kinds")
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


CASES = """\
cases:
  - text: My card is 4111 1111 1111 1111
    expect: [pii.card]
  - text: an order of 12
"""
PRIVACY = """\
guardrails:
  privacy: {checks: [{pii: {}}], action: redact}
  watch: {checks: [{words: {deny: [order]}}], action: flag, default: false}
"""


def test_guardrails_are_tried_with_labelled_cases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "handrail.yaml").write_text(PRIVACY)
    (folder / "cases.yaml").write_text(CASES)
    assert main(["guard", "test", "cases.yaml", "--guardrail", "privacy"]) == 0
    said = capsys.readouterr().out
    assert "pii.card" in said
    assert "All as labelled." in said


def test_a_case_that_comes_out_otherwise_is_said_and_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "handrail.yaml").write_text(PRIVACY)
    (folder / "cases.yaml").write_text(CASES)
    assert main(["guard", "test", "cases.yaml"]) == 1
    assert "cases.yaml:4 (as written): found words.denied_word" in capsys.readouterr().out
    assert main(["guard", "test", "cases.yaml", "--json"]) == 1
    assert msgspec.json.decode(capsys.readouterr().out)["rounds"][0]["otherwise"][0]["line"] == 4


def test_cases_are_tried_in_disguise_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "handrail.yaml").write_text(PRIVACY)
    (folder / "cases.yaml").write_text(CASES)
    main(["guard", "test", "cases.yaml", "--guardrail", "privacy", "--mutate", "zero-width,base64"])
    said = capsys.readouterr().out
    assert "zero-width: 1 case" in said
    assert "base64: 1 case" in said
    with pytest.raises(SystemExit):
        main(["guard", "test", "cases.yaml", "--mutate", "rot13"])
    assert "'rot13' is none of base64, " in capsys.readouterr().err


def test_a_guardrail_that_is_not_there_cannot_be_tried(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cases.yaml").write_text(CASES)
    assert main(["guard", "test", "cases.yaml"]) == 1
    assert "has no guardrails to be tried" in capsys.readouterr().err
    (folder / "handrail.yaml").write_text(PRIVACY)
    assert main(["guard", "test", "cases.yaml", "--guardrail", "pricacy"]) == 1
    assert "no guardrail is named pricacy; there are: privacy, watch" in capsys.readouterr().err


def test_no_case_waits_for_the_rules_of_secrets_to_be_compiled(folder: Path) -> None:
    (folder / "handrail.yaml").write_text("guardrails: {keys: {checks: [{secrets: {}}], action: block}}")
    (folder / "cases.yaml").write_text(
        "cases: [{text: 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, expect: [secrets.github_token]}]"
    )
    environment = os.environ | {"KF_RULE_CACHE_DIR": str(folder / "nothing_cached")}
    command = (sys.executable, "-m", "app", "guard", "test", "cases.yaml")
    tried = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert tried.stdout.endswith("All as labelled.\n"), tried
