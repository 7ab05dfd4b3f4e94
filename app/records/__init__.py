"""The record in SQL: the only place that knows SQLAlchemy."""
