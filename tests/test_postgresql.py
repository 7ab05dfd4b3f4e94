import sys

import psycopg
import pytest

from tests import postgresql

pytestmark = pytest.mark.postgresql


def test_a_database_is_empty_and_gone_afterwards() -> None:
    with postgresql.database() as url:
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone()
        assert tables == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_private_server_serves_until_the_end_of_the_run() -> None:
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with postgresql.private_server(programs) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_the_command_gets_the_url_and_gives_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(postgresql.VARIABLE, "postgresql://there")
    code = (
        f"import os; raise SystemExit(int(os.environ['{postgresql.VARIABLE}'] == 'postgresql://there') + 4)"
    )
    assert postgresql.main((sys.executable, "-c", code)) == 5
