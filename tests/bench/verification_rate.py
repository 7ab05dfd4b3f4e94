"""How fast a record is verified: rows per second, on SQLite and on PostgreSQL.

    python -m tests.bench.verification_rate [--rows 1000000] [--processes 2]

An exchange is a request and an answer of 2 kB each, one attempt, two verdicts, its row and its entry in the
chain: seven rows. Every row of every table is read, every body hashed, every signature checked. Nothing is
in the caches of this process; in those of the machine is what was just written. The status is 1 if a million
rows would take longer than `MILLION_S`.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord
from app.domain.ids import uuid7
from app.records import migrate
from app.records.checkpoints import Checkpoints
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.opening import open_chain
from app.records.protection import Protection
from app.records.rows import Capture, rows_of
from app.records.signing_key import passing_signer
from app.records.verification import Asked, verify
from tests.exchanges import exchange, request, response
from tests.fakes import FakeLog
from tests.postgresql import database

_WORDS = "the handrail stood where a stair turned and a hand would look for it in the dark "
_ROWS = 7
MILLION_S = 60.0
_BATCH = 500


def main() -> int:
    """Measure, print a line for each database, and return 1 if one is too slow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    is_slow = False
    print(f"{'':12}{'exchanges':>10}{'rows':>10}{'seconds':>10}{'rows/s':>10}")
    for name, place in (("sqlite", _sqlite), ("postgresql", database)):
        with place() as url:
            _fill(url, arguments.rows // _ROWS)
            begin = time.perf_counter()
            done = verify(Asked(url), processes=arguments.processes)
            seconds = time.perf_counter() - begin
        assert done.is_sound, done.flaws[:3]
        assert done.proven == done.exchanges == arguments.rows // _ROWS
        print(f"{name:12}{done.exchanges:10}{done.rows:10}{seconds:10.1f}{done.rows / seconds:10.0f}")
        is_slow |= seconds > MILLION_S * done.rows / 1_000_000
    return int(is_slow)


@contextlib.contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/records.db"


def _fill(url: str, number: int) -> None:
    """Put so many exchanges on record, as a writer does."""
    migrate.upgrade(url)
    engine = open_engine(url)
    signer, protection, capture = passing_signer(), Protection(), Capture("full", str)
    chain = open_chain(engine, "service", {"key_id": signer.key_id, "public_key": signer.public_key})
    checkpoints = Checkpoints(engine, signer, lambda: chain.head, FakeLog())
    inserts = Inserts(engine)
    for begin in range(0, number, _BATCH):
        some = [_exchange(i) for i in range(begin, min(begin + _BATCH, number))]
        sealed = chain.seal([protection.protect(rows_of(one, capture), one.metadata) for one in some])
        inserts.write(sealed)
        chain.advance(sealed)
        checkpoints.look(0)
    checkpoints.stop()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def _exchange(number: int) -> ExchangeRecord:
    text = f"{number} {_WORDS * 25}"[:2000]
    return msgspec.structs.replace(
        _EXCHANGE, id=uuid7(_bits), request=request(text), response=response(text), metadata={"_user": "u"}
    )


def _bits(count: int) -> int:
    return int.from_bytes(os.urandom(10), "big") >> (80 - count)


_EXCHANGE = exchange()


if __name__ == "__main__":
    sys.exit(main())
