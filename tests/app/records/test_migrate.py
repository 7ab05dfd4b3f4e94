import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from app.records import migrate
from app.records.engine import UnusableUrl, open_engine

_UPGRADE = "import sys; from app.records import migrate; migrate.upgrade(sys.argv[1])"


def test_an_empty_database_has_no_revision_and_an_upgraded_one_the_newest(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert migrate.current(connection) is None
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    engine.dispose()


def test_an_upgraded_database_can_be_upgraded_again(database_url: str) -> None:
    migrate.upgrade(database_url)
    migrate.upgrade(database_url)


def test_workers_that_start_at_once_do_not_get_in_each_others_way(database_url: str) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", _UPGRADE, database_url]) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
        assert migrate.current(connection) == migrate.head()
    engine.dispose()


def test_an_upgrade_that_fails_leaves_nothing_behind(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE verdicts (mine integer)"))
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(database_url)
    assert sa.inspect(engine).get_table_names() == ["verdicts"]
    engine.dispose()


def test_a_path_may_hold_a_percent_sign(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path}/100%25.db")
    assert (tmp_path / "100%.db").exists() or (tmp_path / "100%25.db").exists()


def test_migrations_refuse_to_run_on_their_own() -> None:
    with pytest.raises(RuntimeError, match=r"app\.records\.migrate"):
        command.upgrade(migrate._config(), "head")


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "no url", "sqlite:///file:a?mode=memory&uri=true"],
)
def test_a_url_that_cannot_hold_records_is_refused(url: str) -> None:
    with pytest.raises(UnusableUrl, match="sqlite:///FILE"):
        migrate.upgrade(url)


def test_a_password_is_not_in_the_message_about_a_url() -> None:
    with pytest.raises(UnusableUrl) as raised:
        migrate.upgrade("mysql://user:sesame@host/db")
    assert "sesame" not in str(raised.value)
