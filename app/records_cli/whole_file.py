"""A file that is there as a whole or not at all.

It is written beside its place under another name, made durable, and then takes the place of what was there.
Whatever stops the writing before, even `kill -9`, leaves the old file as it was; the same command begins
anew, over what the last try left. Only its owner may read it: it holds what people said.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.records_cli.group import CommandFailed


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write, which becomes `path` when the block ends without an error.

    Raises:
        CommandFailed: it cannot be written, or somebody else writes it at this moment.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                partial.replace(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BlockingIOError:
        raise CommandFailed(f"{path} is being written by another export at this moment") from None
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
