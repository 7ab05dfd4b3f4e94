"""Alembic's migrations of the record, the same for SQLite and PostgreSQL; `app/records/migrate.py` runs them.

A migration states what it creates in full and imports no tables: what it did stays what it did. Views stand
as SQL files in `views/`, one folder a revision.
"""
