"""The folder of the journals: where it is, and what processes that have died left in it."""

import contextlib
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from app.records.journal import SUFFIX, Journal, JournalFailed, JournalHeld, adoptable
from telemetry import Log

_FOLDER = "handrail-journal"
_PLACE = "place"


def journal_folder(url: str) -> Path:
    """Return where journals are if nothing is said: beside an SQLite file, else in the working directory."""
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # whoever opens the database says so
        return Path(_FOLDER)
    if parsed.drivername.startswith("sqlite") and parsed.database:
        file = Path(parsed.database.removeprefix("file:"))
        return file.with_name(f"{file.name}.journals")
    return Path(_FOLDER)


def refuse_unusable(folder: Path) -> None:
    """Refuse a folder in which no journal could be made. Nothing is written.

    Raises:
        JournalFailed: it, or the folder that it would be made in, is none or may not be written to.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise JournalFailed(f"{there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise JournalFailed(f"{there} may not be written to")


def place_of(folder: Path) -> str:
    """Return what is the same for all who keep their journals in this folder, and for nobody else.

    Raises:
        JournalFailed: it cannot be written down.
    """
    path = folder / _PLACE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            made = folder / f"{uuid.uuid4()}.tmp"
            made.write_text(str(uuid.uuid4()))
            try:
                os.link(made, path)
            finally:
                made.unlink()
        return path.read_text()
    except OSError as error:
        raise JournalFailed(f"{path}: {error.strerror}") from error


def has_journal(folder: Path, writer: str) -> bool:
    """Whether something of this writer's may wait in the folder."""
    return (folder / f"{writer}{SUFFIX}").exists()


def adopted_journals(folder: Path, log: Log) -> list[Journal]:
    """Take over the journals of processes that have died, the oldest first, and delete those that are empty.

    One that cannot be read is left where it is, and said.
    """
    adopted = []
    for name in adoptable(folder):
        try:
            journal = Journal(folder, name, adopts=True)
        except JournalHeld:
            continue
        except JournalFailed as error:
            log.error("records_journal_unreadable", reason=str(error))  # noqa: TRY400 (no logging.Logger)
            continue
        if journal.entries:
            log.info("records_journal_adopted", journal=str(journal.path), entries=journal.entries)
            adopted.append(journal)
        else:
            journal.close()
    return adopted


def waiting(journals: Sequence[Journal]) -> tuple[int, int, float]:
    """Return how many entries wait in journals, their bytes, and for how many seconds the oldest has."""
    oldest = [journal.oldest_ns for journal in journals if journal.entries and journal.oldest_ns is not None]
    oldest_s = max(0.0, (time.time_ns() - min(oldest)) / 1e9) if oldest else 0.0
    return sum(one.entries for one in journals), sum(one.bytes for one in journals), oldest_s
