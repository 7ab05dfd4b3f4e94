"""Programs that tests need, from Debian's packages.

In CI, as root, a package is installed where its program is missing; elsewhere tests are skipped without it.
"""

import os
import shutil
import subprocess
import sys

import pytest


def install(package: str) -> None:
    """Install a package, if this is CI and it can be."""
    if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write(f"==> installing {package}\n")
        environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *words], env=environ, stdout=subprocess.DEVNULL, check=False)


def program(name: str, package: str) -> str:
    """Return where a program is; skip the test if it is nowhere."""
    if shutil.which(name) is None:
        install(package)
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found
