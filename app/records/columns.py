"""Types of columns that both databases hold alike, and the names of keys, checks and indexes.

What they are for, and why they are as they are, says `tables.py`.
"""

import sqlalchemy as sa

MOMENT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
"""UTC, written as ISO 8601 text with microseconds and `Z`, on both databases."""
USD = sa.Numeric(24, 12).with_variant(sa.Double, "sqlite")
UUID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)
