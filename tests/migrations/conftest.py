"""Databases for the tests of the record."""

from tests.databases import database_url, engine, postgresql_url, sqlite_url

__all__ = ["database_url", "engine", "postgresql_url", "sqlite_url"]
