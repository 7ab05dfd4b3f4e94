"""How far a share that was counted may be from the true one."""

from math import sqrt

_Z = 1.959964
"""Of 95 %, two-sided."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927); all of [0, 1] where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    centre = share + _Z**2 / (2 * total)
    reach = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return max((centre - reach) / scale, 0.0), min((centre + reach) / scale, 1.0)


def written(hits: int, total: int) -> str:
    """Return a share with its interval: `0.935 [0.865, 0.970]`."""
    low, high = wilson(hits, total)
    return f"{hits / max(total, 1):.3f} [{low:.3f}, {high:.3f}]"
