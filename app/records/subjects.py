"""How a person may stand on record: by name, or by the hash of it that a key makes."""

from app.records.protection import Protection
from app.secret import Secret


def subjects_of(name: str, key: Secret | None) -> tuple[str, ...]:
    """Return what `exchanges.subject` may hold of a person: rows may be older than the key.

    Args:
        name: `_user` of the metadata.
        key: `fingerprint_key`.
    """
    subject_key = None if key is None else key.reveal().encode()
    made = (protection.subject(name) for protection in (Protection(), Protection(subject_key=subject_key)))
    return tuple(dict.fromkeys(made))
