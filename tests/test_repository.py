"""What every file of the project keeps to, and what no tool that we know checks for us.

These rules are bounds: a file that cannot keep one is split or renamed; an exception is named here with its
reason, and one that is no longer needed fails.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("app", "guardrails", "telemetry", "migrations", "dashboards")
FRAMEWORKS = "tests/frameworks/requirements"
MAX_LINES = 300
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"})
LEFTOVER = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")

WITHOUT_TWIN = {
    "dashboards/generator/__main__.py": "a loop over files.py, run by test_files.py",
    "dashboards/generator/cost.py": "panels without code, each asked by tests/dashboards/test_data.py",
    "dashboards/generator/exchange.py": "as cost.py",
    "dashboards/generator/guardrails.py": "as cost.py",
    "dashboards/generator/overview.py": "as cost.py",
    "dashboards/generator/providers.py": "as cost.py",
    "dashboards/generator/record.py": "as cost.py",
    "dashboards/picture/__main__.py": "arguments, run by picture/test_drawing.py",
    "dashboards/picture/style.py": "colours and letters, seen in picture/test_drawing.py",
    "dashboards/generator/panels.py": "Grafana's builders, seen in test_files.py",
    "app/demo/__main__.py": "two lines, run by tests/app/demo/test_tour.py",
    "app/cache/ports.py": "Protocols: there is nothing to run",
    "app/cache/wish.py": "a struct without code, filled by app/api/headers.py",
    "app/caller_settings.py": "structs without code, tried by configuration/test_rules.py",
    "app/catalogue/dialect.py": "structs without code, tried through every row that uses them",
    "app/domain/abilities.py": "structs without code",
    "app/domain/model_request.py": "a struct without code",
    "app/domain/events.py": "structs without code",
    "app/domain/exchange.py": "structs without code",
    "app/domain/ports.py": "Protocols: there is nothing to run",
    "app/process.py": "half of running a service, tried by test_main.py",
    "app/released.py": "a loop over Screening, tried by test_pipeline.py",
    "app/providers/configured.py": "a loop over build.py, tried by tests/app/test_main.py",
    "app/routing/config.py": "structs without code, filled by config_reader.py",
    "app/routing/config_error.py": "a path and a message, tried through test_config_rules.py",
    "app/routing/config_fields.py": "half of config_rules.py, tried by its test",
    "app/routing/wish.py": "a struct without code, filled by app/api/wish_headers.py",
    "app/routing/outcome.py": "a struct without code, told to planner.py by its test",
    "app/records/chain_check.py": "half of verification.py, tried by its test, as the six below",
    "app/records/chain_slice.py": "as chain_check.py",
    "app/records/exchange_check.py": "as chain_check.py",
    "app/records/exchange_slice.py": "as chain_check.py",
    "app/records/flaws.py": "as chain_check.py",
    "app/records/joined_chains.py": "as chain_check.py",
    "app/records/proof_rows.py": "as chain_check.py",
    "app/records/columns.py": "types without code, as tables.py",
    "app/records/proof_tables.py": "as tables.py",
    "app/records/report_tables.py": "as tables.py",
    "app/record_settings.py": "structs without code, read by test_settings.py",
    "app/trace_settings.py": "a struct without code, read by e2e/test_kept_traces.py",
    "app/records/works.py": "puts parts together, tried by test_writer.py",
    "app/records/gauges.py": "a struct without code, filled by writer.py",
    "app/records/tables.py": "tables without code, held against the migrations by tests/migrations",
    "app/wire/anthropic/answer_block.py": "half of anthropic/answer.py, tried by its test",
    "app/wire/conversation.py": "structs without code",
    "app/wire/format.py": "ports and their values",
    "app/wire/openai/shapes.py": "types without code, tried by openai/test_request.py",
    "guardrails/answer_text.py": "state without code; test_output_screen.py fills it",
    "guardrails/check.py": "a port and its values; guardrails/conformance/law.py tries every check on it",
    "guardrails/checks/injection/languages.py": "half of families.py, tried by its test",
    "guardrails/checks/lists.py": "half of `models`, tried by its test",
    "guardrails/checks/phrases.py": "half of `words`, tried by its test",
    "guardrails/checks/pii/entity.py": "the shape of an entity; each has a test of its own",
    "guardrails/checks/pii/kinds/africa_near_east.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/kinds/america.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/kinds/asia_pacific.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/kinds/europe_north_west.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/kinds/europe_south_east.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/kinds/international.py": "rows of data, tried by pii/test_identifier.py",
    "guardrails/checks/pii/rows.py": "half of `phone`, tried by its test",
    "guardrails/checks/places.py": "who wins of two rules, tried by the tests of `pii` and `urls`",
    "guardrails/checks/secrets/check.py": "puts rules in order; test_tokens.py and test_contexts.py try it",
    "guardrails/checks/secrets/more_tokens.py": "rows of tokens.py, tried by its test",
    "guardrails/checks/secrets/rule.py": "the shape of a rule; test_tokens.py and test_contexts.py try them",
    "guardrails/checks/units.py": "half of `regex`, tried by its test",
    "guardrails/portkey/halves.py": "half of hooks.py, tried by its test",
    "guardrails/portkey/hook.py": "what hooks.py makes, tried by its test",
    "guardrails/portkey/hook_fields.py": "half of hooks.py, tried by its test",
    "guardrails/portkey/ids.py": "a table, tried by tests/guardrails/test_registry.py",
    "guardrails/conformance/texts.py": "strategies; every test of conformance draws from them",
    "guardrails/conversation.py": "structs without code",
    "guardrails/coverage.py": "a struct without code",
    "guardrails/division.py": "half of `Engine`, tried by test_input_observers.py and its twin",
    "guardrails/guardrail.py": "a struct without code",
    "guardrails/observers.py": "half of `OutputScreen`, tried by test_output_observers.py",
    "guardrails/part.py": "a struct without code",
    "guardrails/remote/classes.py": "half of `classifier`, tried by its test",
    "guardrails/remote/service.py": "ports and their values",
    "guardrails/remote/settings.py": "structs without code",
    "guardrails/ruling.py": "half of `Panel`, tried by its test",
    "guardrails/verdict.py": "structs without code",
    "guardrails/view.py": "names of views",
    "telemetry/trace.py": "a shape and a Protocol, filled by telemetry/tracer.py",
}
"""Source files that need no test file of their own, and why."""


def _python_files(*tops: str) -> Iterator[Path]:
    for top in tops:
        yield from sorted(path for path in (ROOT / top).rglob("*.py") if "__pycache__" not in path.parts)


def _names(paths: Iterator[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def _twin(source: str) -> str:
    path = Path(source)
    return (Path("tests") / path.parent / f"test_{path.name.lstrip('_')}").as_posix()


def _needs_twin(source: str) -> bool:
    return not source.endswith("/__init__.py") and not source.startswith("migrations/")


@pytest.mark.parametrize("name", _names(_python_files(*SOURCES, "tests")))
def test_a_file_is_short_and_finished(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES, f"{name} has {len(lines)} lines; split it by idea"
    assert not [line for line in lines if LEFTOVER.search(line)], f"{name} leaves something for later"
    assert Path(name).stem not in FORBIDDEN_NAMES, f"{name}: name it by what it is about"


@pytest.mark.parametrize("name", _names(_python_files(*SOURCES)))
def test_a_source_file_says_what_it_is(name: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / name).read_text(encoding="utf-8"))), f"{name} has no docstring"


@pytest.mark.parametrize("name", [name for name in _names(_python_files(*SOURCES)) if _needs_twin(name)])
def test_a_source_file_has_its_test_at_the_mirrored_path(name: str) -> None:
    assert (ROOT / _twin(name)).exists() != (name in WITHOUT_TWIN), (
        f"{name}: {_twin(name)} is missing without a reason in WITHOUT_TWIN, or is there and so is a reason"
    )


def test_every_exception_names_a_file() -> None:
    assert [name for name in WITHOUT_TWIN if not (ROOT / name).exists()] == []


def _requirement_lines() -> list[str]:
    """Return the lines of pyproject.toml that name a dependency, as written."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    blocks = re.findall(r"^(?:dependencies|model|dev) = \[\n(.*?)^\]", text, flags=re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def _declared(*groups: str) -> list[Requirement]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [document["project"]["dependencies"], *(document["dependency-groups"][group] for group in groups)]
    return [Requirement(line) for items in lists for line in items]


def _locked(lock: str) -> dict[str, str]:
    """Return the versions in a lock by name."""
    pins = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_every_dependency_says_what_it_is_for() -> None:
    lines = _requirement_lines()
    assert len(lines) == len(_declared("model", "dev"))
    assert [line for line in lines if not re.search(r'",\s+# \w', line)] == []


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ("model",)), ("tests/requirements.lock", ("model", "dev"))]
)
def test_a_lock_holds_what_the_project_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    locked = _locked(lock)
    wrong = [
        str(wanted)
        for wanted in _declared(*groups)
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert wrong == [], f"{lock} does not satisfy these: run `make lock`"


def test_the_frameworks_have_reasons_and_are_locked() -> None:
    wanted = [line.partition("#") for line in (ROOT / f"{FRAMEWORKS}.in").read_text("utf-8").splitlines()]
    locked = _locked(f"{FRAMEWORKS}.lock")
    asked = {Requirement(line): reason for line, _, reason in wanted if line}
    assert [str(one) for one, reason in asked.items() if not re.match(r" [\w.-]+; \w", reason)] == []
    assert [
        str(one) for one in asked if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"))
    ] == []


def test_both_locks_agree() -> None:
    runtime, everything = _locked("requirements.lock"), _locked("tests/requirements.lock")
    assert {name: everything.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "tests/requirements.lock", FRAMEWORKS + ".lock"])
def test_a_lock_names_no_host_and_hashes_everything(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
