"""The wheel: built, installed into an empty environment, and used there without the checkout.

What it depends on is that of our own environment, put behind it on the path; our own checkout is not.
"""

import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from app.records import migrate
from app.records.questions import questions
from dashboards.generator.files import files

ROOT = Path(__file__).resolve().parent.parent
UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
"""What `make` installs with."""


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel that was built just now."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path) -> Path:
    """Return the folder of an environment with nothing in it but the wheel, and what it depends on."""
    folder = wheel.parent / "environment"
    run(
        UV,
        "venv",
        "--quiet",
        "--offline",
        "--no-project",
        "--python",
        sys.executable,
        folder,
        folder=wheel.parent,
    )
    python = folder / "bin" / "python"
    run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        python,
        wheel,
        folder=wheel.parent,
    )
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder


def test_a_question_is_asked_by_its_name_of_a_record_that_the_wheel_made(environment: Path) -> None:
    python, handrail = environment / "bin" / "python", environment / "bin" / "handrail"
    folder = environment.parent
    record = f"sqlite:///{folder}/records.db"
    made = "from app.records import migrate; migrate.upgrade({!r}); print(migrate.__file__, migrate.head())"
    file, revision = run(python, "-c", made.format(record), folder=folder).split()
    assert Path(file).is_relative_to(environment)
    assert revision == migrate.head()
    listed = run(handrail, "records", "sql", folder=folder).splitlines()[1:]
    names = {question.name for question in questions()}
    assert {line.split()[0] for line in listed if not line.startswith(" ")} == names
    assert len(names) > 20
    asked = ("records", "sql", "spend-by-day", "--csv", "--database", record)
    assert run(handrail, *asked, folder=folder).strip() == "day,exchanges,cost_usd,without_cost"


def test_it_holds_what_is_read_at_run_time_and_no_test(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    kinds = ("app/**/*.yaml", "migrations/**/*.sql", "dashboards/questions/*.sql")
    wanted = {file.relative_to(ROOT).as_posix() for kind in kinds for file in ROOT.glob(kind)}
    assert wanted <= held
    assert {f"dashboards/{name}" for name in files() if name.startswith(("grafana/", "prometheus/"))} <= held
    assert {name.partition("/")[0] for name in held} == {
        "app",
        "dashboards",
        "guardrails",
        "migrations",
        "telemetry",
        f"handrail-{_version()}.dist-info",
    }
    assert not [name for name in held if name.startswith("dashboards/") and name.endswith(".py")]


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
