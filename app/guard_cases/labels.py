"""Labels of cases: a check, `pii` or `default.contains`, or one rule of a check, `pii.card`."""

_PORTKEY = "default."
"""The names of Portkey's checks have a dot of their own."""


def check_of(label: str) -> str:
    """Return the check that a label is of."""
    start = len(_PORTKEY) if label.startswith(_PORTKEY) else 0
    end = label.find(".", start)
    return label if end < 0 else label[:end]


def is_rule(label: str) -> bool:
    """Whether a label names one rule of a check."""
    return check_of(label) != label
