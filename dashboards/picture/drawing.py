"""The whole picture: six panels, and over them what it is of."""

import io
from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboards.picture import over_time, style, totals
from dashboards.picture.facts import Facts

ROWS: Sequence[tuple[Sequence[Callable[[Axes, Facts], None]], Mapping[str, float]]] = (
    (
        (over_time.outcomes, over_time.latency, over_time.shares),
        {"left": 0.04, "top": 0.765, "bottom": 0.515, "wspace": 0.17},
    ),
    (
        (totals.verdicts, totals.tokens, totals.costs),
        {"left": 0.078, "top": 0.325, "bottom": 0.05, "wspace": 0.33},
    ),
)
"""Panels, and where their row is, in shares of the whole."""
_LEFT = 0.02
_INCHES = (16, 9)
_DPI = 100
_TIME = "%Y-%m-%d %H:%M"


def figure_of(facts: Facts, about: str = "") -> Figure:
    """Return the picture.

    Args:
        facts: what it shows.
        about: what the record is of, for the line under the title.
    """
    with mpl.rc_context(style.SETTINGS):
        figure = Figure(_INCHES, dpi=_DPI, facecolor="white")
        figure.text(_LEFT, 0.958, "What Handrail has on record", fontsize=24, fontweight="bold", va="center")
        figure.text(_LEFT, 0.915, _line(facts, about), fontsize=12.5, color=style.QUIET, va="center")
        for draws, place in ROWS:
            grid = figure.add_gridspec(1, len(draws), right=0.985, **place)
            for column, draw in enumerate(draws):
                draw(figure.add_subplot(grid[0, column]), facts)
        return figure


def png(figure: Figure) -> bytes:
    """Return the picture as a file, which holds nothing of the machine it was drawn on."""
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True})
    return out.getvalue()


def _line(facts: Facts, about: str) -> str:
    count = f"{sum(facts.exchanges):,} exchanges"
    is_one_day = facts.first.date() == facts.last.date()
    last = facts.last.strftime("%H:%M" if is_one_day else _TIME)
    return "  ·  ".join((count, f"{facts.first:{_TIME}} to {last} UTC", *([about] if about else ())))
