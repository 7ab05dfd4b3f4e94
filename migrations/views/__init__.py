"""The views of the record, one SQL file each, read by the migrations.

A file is never edited once released: a migration that changes a view drops it and creates the one in its
own folder, so the newest definition of a view is in the highest folder that has it.

The files are PostgreSQL's SQL. SQLite gets the same text but for two things: it has no time zones, its
moments being UTC as they stand (` AT TIME ZONE 'UTC'` is left out); and it calls `string_agg`
`group_concat`, before 3.44 by that name only. Sums are cast to `bigint`, which PostgreSQL would give as
`numeric`.
"""

from importlib.resources import files

_SQLITE = ((" AT TIME ZONE 'UTC'", ""), ("string_agg(", "group_concat("))


def view(revision: str, name: str, dialect: str) -> str:
    """Return the SELECT of a view.

    Args:
        revision: the folder: `r0001`.
        name: the view's, and the file's without `.sql`.
        dialect: `sqlite` or `postgresql`.
    """
    text = (
        files(__name__)
        .joinpath(revision, f"{name}.sql")
        .read_text(encoding="utf-8")
        .strip()
        .removesuffix(";")
    )
    if dialect == "sqlite":
        for postgresql, sqlite in _SQLITE:
            text = text.replace(postgresql, sqlite)
    return text
