"""What the README says of guardrails: every table is compared with the code, every example is tried."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.configuration import yaml_tree
from app.configuration.reader import Source, configure
from app.configuration.services import LateServices
from app.main import configs_of
from app.routing.config import Guards
from app.routing.tree import leaves
from guardrails import Side
from guardrails.config import ConfigError, guardrail, known_checks
from guardrails.registry import build_check
from tests.e2e.readme import BLOCKS, FILES, README

_CATALOGUE = README.partition("### What checks find")[2].partition("### Use it as a library")[0]
_SHARED = {"timeout_ms", "concurrency", "cache_ttl_s", "cache_entries", "breaker", "api_key", "headers"}


@pytest.mark.parametrize("name", [name for name, text in FILES.items() if "\nguardrails:" in text])
def test_every_configuration_that_is_shown_is_well(name: str) -> None:
    assert configure(Source(name, FILES[name]), {}).guardrails


def test_the_guardrails_of_a_config_that_are_shown_are_well() -> None:
    tree = configs_of(configure(Source("hooks.yaml", FILES["hooks.yaml"]), {}))["careful"]
    (guards,) = leaves(tree)[0].guards
    assert [(hook.side, hook.deny, hook.type) for hook in guards.hooks] == [
        (Side.INPUT, True, "guardrail"),
        (Side.OUTPUT, False, "mutator"),
    ]


def test_the_fields_of_guardrails_in_configs_are_all_shown() -> None:
    section = README.partition("### Guardrails in Portkey's form")[2].partition("### ")[0]
    assert set(re.findall(r"`(\w+(?:_guardrails|_hooks|_mutators))`", section)) == set(
        Guards.__struct_fields__
    )


def test_the_check_that_is_shown_is_found_by_its_entry_point_and_conforms(tmp_path: Path) -> None:
    project = tomllib.loads(next(text for language, text in BLOCKS if language == "toml"))["project"]
    for name in ("acme_checks.py", "test_acme_checks.py"):
        (tmp_path / name).write_text(FILES[name])
    installed = tmp_path / "acme_checks-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    groups = {
        group: "".join(f"{kind} = {where}\n" for kind, where in entries.items())
        for group, entries in project["entry-points"].items()
    }
    (installed / "entry_points.txt").write_text(
        "".join(f"[{group}]\n{names}" for group, names in groups.items())
    )
    (tmp_path / "handrail.yaml").write_text("guardrails: {t: {checks: [{ticket: {}}], action: redact}}")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    commands = (
        ("-m", "app", "check", "handrail.yaml"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "test_acme_checks.py"),
    )
    for command in commands:
        run = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_the_settings_of_guardrails_are_shown_with_their_defaults() -> None:
    with pytest.raises(ConfigError) as raised:
        guardrail("privacy", {"no such key": 1})
    keys = set(raised.value.message.partition("known are ")[2].split(", "))
    table = README.partition("## Guardrails")[2].partition("### ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == keys
    entries = yaml_tree.parse(next(text for language, text in BLOCKS if language == "yaml")).values[
        "guardrails"
    ]
    assert {key for entry in entries.values() for key in entry} == keys


@pytest.mark.parametrize("kind", [kind for kind in known_checks() if not kind.startswith("default.")])
def test_every_check_has_a_row_with_all_its_settings(kind: str) -> None:
    (row,) = re.findall(rf"^\| `{kind}` \| .* \| (.*) \|$", _CATALOGUE, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)+", "", row))) == _settings_of(kind) - _SHARED


@pytest.mark.parametrize("kind", [kind for kind in known_checks() if kind.startswith("default.")])
def test_every_check_of_portkeys_is_named_with_its_parameters(kind: str) -> None:
    (shown,) = re.findall(rf"`{re.escape(kind)}`\s+\(([^)]*)\)", _CATALOGUE)
    assert set(re.findall(r"`(\w+)`", shown)) == _settings_of(kind) - _SHARED | (
        {"headers"} & _settings_of(kind)
    )


def test_what_remote_checks_share_is_shown() -> None:
    for name in _SHARED:
        assert f"`{name}`" in _CATALOGUE


def _settings_of(kind: str) -> set[str]:
    with pytest.raises(ConfigError) as raised:
        build_check(kind, {"no such key": 1}, kind, LateServices().services)
    return set(raised.value.message.partition("known are ")[2].split(", "))
