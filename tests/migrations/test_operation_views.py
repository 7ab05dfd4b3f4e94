"""The views of the record where exchanges are about other things than chats."""

import pytest
import sqlalchemy as sa

from app.domain.operation import Operation
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from guardrails.verdict import Side
from tests.databases import select
from tests.exchanges import exchange, verdict

HEARD = verdict(side=Side.INPUT)
CHAT = exchange(verdicts=(HEARD,), first_release_ns=None)
TEXTS = exchange(operation=Operation.EMBEDDINGS, verdicts=(HEARD,))
TOKENS = exchange(operation=Operation.EMBEDDINGS, unscreened=True, verdicts=(HEARD,))


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    Inserts(engine).write([rows_of(record, Capture("none", str)) for record in (CHAT, TEXTS, TOKENS)])
    return engine


def test_every_exchange_says_what_it_was_about(filled: sa.Engine) -> None:
    rows = select(filled, "SELECT exchange_id, operation, unscreened FROM exchange_facts")
    assert {row["exchange_id"]: (row["operation"], bool(row["unscreened"])) for row in rows} == {
        CHAT.id: ("chat", False),
        TEXTS.id: ("embeddings", False),
        TOKENS.id: ("embeddings", True),
    }


def test_tokens_count_as_unscreened_whatever_guardrails_heard_of_the_rest(filled: sa.Engine) -> None:
    rows = select(filled, "SELECT exchange_id, operation, reason FROM unscreened WHERE side = 'input'")
    assert rows == [{"exchange_id": TOKENS.id, "operation": "embeddings", "reason": "unreadable"}]
