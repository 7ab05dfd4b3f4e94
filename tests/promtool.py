"""Prometheus's own opinion of what `/metrics` says: `promtool`, of Debian's package `prometheus`.

In CI, as root, the package is installed where it is missing; elsewhere its tests are skipped without it.
"""

import os
import shutil
import subprocess

import pytest


def promtool() -> str:
    """Return the path of the program, or skip the test."""
    if shutil.which("promtool") is None and os.environ.get("CI") and os.geteuid() == 0:
        environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "prometheus"]):
            subprocess.run(["apt-get", "-qq", *words], env=environ, stdout=subprocess.DEVNULL, check=False)
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    return found


def complaints(text: str) -> str:
    """Return what promtool has against metrics in Prometheus's text format; nothing if all is well."""
    command = (promtool(), "check", "metrics")
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")
