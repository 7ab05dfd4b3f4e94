"""What puts exchanges on record, made of the settings; commands compose with it, too."""

import base64
from pathlib import Path

import telemetry
from app.record_settings import RecordsSettings
from app.records.change_desk import ChangeDesk
from app.records.database import RecordsUnavailable
from app.records.engine import open_engine
from app.records.erasures import Erasures
from app.records.journal import JournalFailed
from app.records.journals import refuse_unusable
from app.records.protection import Protection
from app.records.reports import Reports
from app.records.retaining import Retaining
from app.records.rows import Capture
from app.records.scrubbing import Redact
from app.records.signing_key import Signer, UnusableKey, configured_signer
from app.records.writer import Writer
from app.settings import Settings
from guardrails import Check, Redactor
from guardrails.config import guardrail

_RECORDED = {"checks": [{"pii": {}}, {"secrets": {}}], "action": "redact"}
"""What never goes on record, whatever guardrails are configured, unless `records.content` is `full`."""


def record_redactor() -> Redactor:
    """Return what takes secrets and personal data out of everything that goes on record."""
    checks = guardrail("record", _RECORDED).checks
    return Redactor([check for check in checks if isinstance(check, Check)])


def writer_for(settings: Settings, redactor: Redactor) -> Writer:
    """Return the writer of the configured database, not started.

    Raises:
        RecordsUnavailable: `records.signing_key` is no key.
    """
    records = settings.records
    return Writer(
        records.url.reveal(),
        Capture(records.content, redactor.redact),
        telemetry.logger("records"),
        protection_for(settings, redactor.redact),
        _signer(records),
        journal=None if records.journal.path is None else Path(records.journal.path),
        durability=records.durability,
        max_journal_bytes=records.journal.max_bytes,
        max_backlog=records.max_backlog,
    )


def check_record(settings: Settings) -> None:
    """Make sure that exchanges could be put on record, as far as that can be told without touching anything.

    Raises:
        UnusableUrl: `records.url` names no database that there could be.
        RecordsUnavailable: there is no such key, or the journal could not be made.
    """
    writer = writer_for(settings, record_redactor())
    open_engine(settings.records.url.reveal()).dispose()
    try:
        refuse_unusable(writer.folder)
    except JournalFailed as error:
        raise RecordsUnavailable(f"records.journal.path: {error}") from error


def protection_for(settings: Settings, redact: Redact = str) -> Protection:
    """Return what salts, hashes, encrypts and decrypts what is on record.

    Args:
        settings: with the keys.
        redact: for who writes: knows subjects to hide.
    """
    key = settings.fingerprint_key
    return Protection(
        body_keys_of(settings),
        settings.records.encryption.active,
        subject_key=None if key is None else key.reveal().encode(),
        redact=redact,
    )


def body_keys_of(settings: Settings) -> dict[str, bytes]:
    """Return the keys of bodies by id."""
    return {name: base64.b64decode(key.reveal()) for name, key in settings.records.encryption.keys.items()}


def reports_for(settings: Settings, redactor: Redactor) -> Reports:
    """Return what keeps callers' feedback and logs."""
    return Reports(settings.records.url.reveal(), Capture(settings.records.content, redactor.redact))


def retaining_for(settings: Settings) -> Retaining:
    """Return what lets go of what is too old while the service runs."""
    records = settings.records
    return Retaining(records.url.reveal(), records.retention_days, telemetry.logger("records"))


def erasures_of(settings: Settings) -> Erasures:
    """Return what tells of erasures, wherever they are made."""
    return Erasures(settings.records.url.reveal())


def change_desk_for(settings: Settings, writer: Writer) -> ChangeDesk:
    """Return what changes the record for those who ask over the network."""
    records = settings.records
    return ChangeDesk(records.url.reveal(), writer.folder, settings.fingerprint_key, records.retention_days)


def _signer(records: RecordsSettings) -> Signer | None:
    if records.signing_key is None:
        return None
    try:
        return configured_signer(records.signing_key.reveal())
    except UnusableKey as error:
        raise RecordsUnavailable(str(error)) from error
