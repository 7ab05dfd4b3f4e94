"""The PostgreSQL that tests use: the one named, the one that is there, or a private one for one run.

`python -m tests.postgresql COMMAND...` runs a command with `HANDRAIL_TEST_POSTGRESQL_URL` set; `make test`
starts pytest that way. In order of preference: the variable as it is; a server on 127.0.0.1:5432 that lets
us in without a password; a private cluster in a temporary folder, if PostgreSQL's programs are installed
(in CI, as root, Debian's package is installed first). Where none of it works the command runs without, and
the tests that need it say so.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from app.demo.children import free_port
from tests.debian import install

VARIABLE = "HANDRAIL_TEST_POSTGRESQL_URL"
_USUAL_PLACE = "postgresql://postgres@127.0.0.1:5432/postgres"
_DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs, by version."""
_NOBODY = "postgres"
"""PostgreSQL refuses to run as root; Debian's package brings this user."""


def server_url() -> str | None:
    """Return a URL of a server on which databases may be made, or None."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    return _USUAL_PLACE if _lets_us_in(_USUAL_PLACE) else None


def _lets_us_in(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Make an empty database, yield its URL, and drop it. Without a server the test is skipped."""
    url = server_url()
    if url is None:
        pytest.skip(f"no PostgreSQL at 127.0.0.1:5432, and {VARIABLE} names none")
    name = f"handrail_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Cluster:
    """A fresh cluster on a free port of 127.0.0.1, without durability of its own; not started.

    Args:
        programs: folder of PostgreSQL's.
        folder: an empty one, for all of it.
    """

    def __init__(self, programs: Path, folder: str) -> None:
        self._user = _NOBODY if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, self._user)
        port = free_port()
        data = f"{folder}/data"
        _run_as(self._user, programs / "initdb", "--auth=trust", "--username=postgres", "--no-sync", data)
        self._control = (programs / "pg_ctl", "--silent", "--wait", f"--pgdata={data}")
        self._options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off"
        self._log = f"{folder}/log"
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        """Start it, at the same port each time."""
        _run_as(self._user, *self._control, f"--log={self._log}", f"--options={self._options}", "start")

    def stop(self) -> None:
        """Stop it as a crash does."""
        _run_as(self._user, *self._control, "--mode=immediate", "stop")


@contextlib.contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Run a fresh cluster and yield its URL."""
    with tempfile.TemporaryDirectory(prefix="handrail-postgresql-") as folder:
        cluster = Cluster(programs, folder)
        cluster.start()
        try:
            yield cluster.url
        finally:
            cluster.stop()


def _run_as(user: str, *command: Path | str) -> None:
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        user=user if os.geteuid() == 0 else None,
        group=user if os.geteuid() == 0 else None,
    )


def programs() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, the newest version of several."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True)
    found = versions or [Path(path) for path in [shutil.which("initdb")] if path]
    return found[0].resolve().parent if found else None


def main(command: Sequence[str]) -> int:
    """Run the command with a PostgreSQL at hand and return its exit status."""
    url = server_url()
    if url is None and programs() is None:
        install("postgresql")
    with contextlib.ExitStack() as stack:
        folder = programs()
        if url is None and folder is not None:
            url = stack.enter_context(private_server(folder))
        environ = os.environ | ({VARIABLE: url} if url else {})
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
