"""How Alembic runs a migration here: on the connection that `app/records/migrate.py` opened and locked.

One transaction holds the whole upgrade, on SQLite too (whose driver would otherwise commit before each DDL
statement): an upgrade that fails leaves what was there.
"""

from alembic import context

from app.records.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    message = "migrations run through app.records.migrate, which opens and locks the database"
    raise RuntimeError(message)
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
