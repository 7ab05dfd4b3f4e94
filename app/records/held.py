"""Which exchanges a legal hold spares: one, all of a person, or all of a span of time."""

import sqlalchemy as sa

from app.records import tables


def is_held(
    exchange_id: sa.ColumnElement[str],
    started_at: sa.ColumnElement[str],
    subject: sa.ColumnElement[str] | None = None,
) -> sa.ColumnElement[bool]:
    """Return the condition that some hold which was not released is about an exchange.

    Args:
        exchange_id: of it.
        started_at: of it.
        subject: of it; None: it is looked up.
    """
    hold, exchange = tables.holds.alias("hold"), tables.exchanges.alias("held")
    of_subject: sa.ColumnElement[bool]
    if subject is None:
        of_subject = sa.exists().where(
            exchange.c.id == exchange_id,
            exchange.c.started_at == started_at,
            exchange.c.subject == hold.c.subject,
        )
    else:
        of_subject = subject == hold.c.subject
    is_span = hold.c.exchange_id.is_(None) & hold.c.subject.is_(None)
    begins = hold.c.held_from.is_(None) | (hold.c.held_from <= started_at)
    ends = hold.c.held_until.is_(None) | (hold.c.held_until > started_at)
    return (
        sa.exists()
        .where(
            hold.c.released_at.is_(None),
            (hold.c.exchange_id == exchange_id) | of_subject | (is_span & begins & ends),
        )
        .correlate_except(hold, exchange)
    )


def is_about_held(report: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that feedback, or an inserted log, is about an exchange under a hold."""
    exchange = tables.exchanges.c
    names = (exchange.trace_id, exchange.caller_trace_id, sa.cast(exchange.id, sa.String))
    return sa.exists().where(
        sa.or_(*(name == report.c.trace_id for name in names)),
        is_held(exchange.id, exchange.started_at, exchange.subject),
    )


def any_hold(connection: sa.Connection) -> bool:
    """Return whether there is a hold that was not released."""
    holds = tables.holds.c
    return connection.scalar(sa.select(holds.id).where(holds.released_at.is_(None)).limit(1)) is not None
