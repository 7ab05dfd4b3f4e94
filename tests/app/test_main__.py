import subprocess
import sys

_ASKED = """
import gc, sys
from app import __main__, cli
cli.main = lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000) or 7
sys.exit(__main__.main())
"""


def test_what_is_loaded_is_looked_through_no_more_and_what_comes_later_is() -> None:
    asked = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout, asked.stderr) == (7, "True True\n", "")


def test_it_is_the_command_line() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "app", "--version"], capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.startswith("handrail ")
