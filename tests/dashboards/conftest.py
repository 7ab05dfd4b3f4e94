"""Databases for the tests of the record."""

from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]
