"""What commands share that change the record: whose it is, who changes it, and what may go wrong."""

import argparse
import contextlib
import getpass
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from app.records import migrate
from app.records.changes import Changes
from app.records.engine import UnusableUrl
from app.records.journal import JournalFailed
from app.records.journals import journal_folder
from app.records_cli.asking import settings_of
from app.records_cli.group import CommandFailed
from app.settings import Settings


class Changing:
    """A record that is about to be changed.

    Args:
        settings: of its configuration; None: none.
        url: of its database.
    """

    def __init__(self, settings: Settings | None, url: str) -> None:
        self.settings = settings
        self.url = url
        self.changes = Changes(url, f"cli {whoever()}")

    @property
    def journals(self) -> Path:
        """Folder of this machine's journals."""
        path = None if self.settings is None else self.settings.records.journal.path
        return journal_folder(self.url) if path is None else Path(path)


@contextlib.contextmanager
def changing(options: argparse.Namespace) -> Iterator[Changing]:
    """Yield the record that the options mean.

    Raises:
        CommandFailed: it cannot be changed, or not all of it.
    """
    settings = settings_of(options)
    url = options.database if settings is None else settings.records.url.reveal()
    try:
        record = Changing(settings, url)
        try:
            with record.changes.looking() as connection:
                _require_newest(connection)
            yield record
        finally:
            record.changes.close()
    except (UnusableUrl, JournalFailed) as error:
        raise CommandFailed(str(error)) from error
    except (sa.exc.SQLAlchemyError, CommandError, OSError) as error:
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else type(error).__name__
        raise CommandFailed(f"the record cannot be changed: {reason}") from error


def _require_newest(connection: sa.Connection) -> None:
    if migrate.current(connection) != migrate.head():
        raise CommandFailed("the database is not of this version of Handrail: start `handrail serve` once")


def whoever() -> str:
    """Return who uses the command: the name of the account."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this id
        return "unknown"
