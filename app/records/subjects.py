"""How a person may stand on record: by name, by its hash, or by the hash that a key makes.

All are looked for: rows may be older than the key, or than what is known to be personal.
"""

from app.records.protection import Protection, plain_hash
from app.secret import Secret


def subjects_of(name: str, key: Secret | None) -> tuple[str, ...]:
    """Return what `exchanges.subject` may hold of a person.

    Args:
        name: `_user` of the metadata.
        key: `fingerprint_key`.
    """
    without = (Protection().subject(name), plain_hash(name))
    if key is None:
        return without
    return (*without, Protection(subject_key=key.reveal().encode()).subject(name))
