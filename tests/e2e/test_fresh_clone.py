"""The newcomer's way: a clone with nothing installed, and the first of the two commands."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_INSTALL_S = 900.0


@pytest.mark.model
@pytest.mark.skipif(not os.environ.get("CI"), reason="downloads 180 MB; set CI=true to run it")
def test_make_run_gets_from_a_clone_to_a_guarded_answer(tmp_path: Path) -> None:
    clone = tmp_path / "handrail"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "OTEL_", "MAKE"))
    }
    run = subprocess.run(
        ["make", "run", "ARGS=--once --port 0"],
        cwd=clone,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=_INSTALL_S,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "[GITHUB_TOKEN]" in run.stdout
    assert "446 in" in run.stdout
    again = subprocess.run(
        ["make", ".venv/.run"], cwd=clone, env=environ, capture_output=True, text=True, check=True, timeout=10
    )
    assert re.search("up to date", again.stdout), "a second `make run` must not install again"
