"""An installed package brings checks: a configuration asks for them like for any other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails import ConfigError
from guardrails.config import guardrail, known_checks

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CONFIGURATION = """\
guardrails:
  tickets: {checks: [{ticket: {project: OPS}}], action: redact}
"""
CASES = """\
cases:
  - {text: see OPS-12, expect: [ticket.ticket]}
  - text: see ACME-12
"""


def handrail(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_configuration_asks_for_a_check_of_an_installed_package(tmp_path: Path) -> None:
    (tmp_path / "handrail.yaml").write_text(CONFIGURATION)
    (tmp_path / "cases.yaml").write_text(CASES)
    assert "1 guardrail" in handrail(tmp_path, "check").stdout
    tried = handrail(tmp_path, "guard", "test", "cases.yaml")
    assert tried.stdout.endswith("All as labelled.\n"), tried


def test_a_mistake_in_its_configuration_is_said_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "handrail.yaml").write_text(CONFIGURATION.replace("project", "porject"))
    said = handrail(tmp_path, "check")
    assert said.returncode == 1
    assert (
        "handrail.yaml:2: guardrails.tickets.checks[0].ticket: Object contains unknown field" in said.stderr
    )


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, kind: str) -> None:
    """Write a package as an installer would, and put it on the path."""
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[handrail.checks]\n{kind} = {module}:build\n")
    monkeypatch.syspath_prepend(folder)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import not_there_at_all", "the package broken, which brings it, failed: ModuleNotFoundError"),
        ("def build(config, path):\n    raise KeyError('secret value')", "brings it, failed: KeyError"),
        ("def build(config, path):\n    return object()", "what the package broken builds is no check"),
        ("from tests.extension.acme_checks import build", "calls itself 'ticket', not 'odd'"),
    ],
)
def test_a_broken_package_is_named_and_nothing_of_it_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    installed(tmp_path, monkeypatch, "broken", source, "odd")
    assert "odd" in known_checks()
    with pytest.raises(ConfigError) as raised:
        guardrail("g", {"checks": [{"odd": {}}], "action": "flag"})
    assert raised.value.path == "guardrails.g.checks[0].odd"
    assert said in raised.value.message
    assert "secret value" not in str(raised.value)


def test_two_packages_cannot_bring_the_same_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def build(config, path):\n    return object()"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        installed(tmp_path / name, monkeypatch, name, source, "odd")
    with pytest.raises(ConfigError, match="several packages bring a check of this name: one, two"):
        guardrail("g", {"checks": [{"odd": {}}], "action": "flag"})


def test_no_package_takes_the_name_of_one_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, "thief", "def build(config, path):\n    raise KeyError", "secrets")
    (check,) = guardrail("g", {"checks": [{"secrets": {}}], "action": "flag"}).checks
    assert type(check).__module__.startswith("guardrails.")
