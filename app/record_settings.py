"""Where and how safely exchanges are put on record: the section `records` of `app/settings.py`."""

from typing import Annotated, Literal

import msgspec

from app.domain.content import Content
from app.secret import Secret

Durability = Literal["bounded", "strict"]
"""`bounded`: on record soon after the answer. `strict`: its beginning before anything goes upstream, all of
it before the caller is told the end."""


class JournalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where exchanges wait on this machine while the database is away or slow."""

    path: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    """A folder on a disk that outlives the process; None: beside an SQLite database, or `handrail-journal` in
    the working directory."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1024 * 1024)] = 1024 * 1024 * 1024
    """Of what waits, in each process; its file takes up to half as much again, and 1 MB. When so much waits,
    new exchanges are refused with 503 until some of it is shipped."""


class EncryptionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Encrypts bodies on record with AES-256-GCM."""

    keys: dict[Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")], Secret] = {}
    """32 bytes in base64, by id. Those that are no longer active still decrypt."""
    active: str | None = None
    """Id of the key that encrypts; None: nothing is encrypted."""


class RecordsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where exchanges go on record, and how much of them."""

    url: Secret = Secret("sqlite:///handrail.db")
    content: Content = "redacted"
    """At most; keys and callers may lower it for their exchanges."""
    durability: Durability = "bounded"
    encryption: EncryptionSettings = EncryptionSettings()
    retention_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] | None = None
    """How many days exchanges and reports are kept but for those under a hold; None: for ever."""
    journal: JournalSettings = JournalSettings()
    signing_key: Secret | None = None
    """Signs what is on record: an Ed25519 private key as PEM, or the path of a file with it; None: one made
    beside an SQLite database, on PostgreSQL one of each process, which proves little."""
    max_backlog: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Exchanges that may be under way or in memory before new ones are refused."""
