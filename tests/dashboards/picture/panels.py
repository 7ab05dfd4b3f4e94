"""Reads a panel back: what bars and lines it has, by the names in its legend."""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from dashboards.picture.facts import Facts


def panel(draw: Callable[[Axes, Facts], None], facts: Facts) -> Axes:
    """Return a panel that was drawn alone."""
    axes = Figure().add_subplot()
    draw(axes, facts)
    return axes


def heights(axes: Axes) -> dict[str, list[float]]:
    """Return how high the bars are."""
    return {str(one.get_label()): [bar.get_height() for bar in one.patches] for one in bars(axes)}


def widths(axes: Axes) -> dict[str, dict[str, float]]:
    """Return how wide the bars are, by the names of their rows."""
    rows = [label.get_text() for label in axes.get_yticklabels()]
    return {
        str(one.get_label()): {
            row: float(bar.get_width()) for row, bar in zip(rows, one.patches, strict=True) if bar.get_width()
        }
        for one in bars(axes)
    }


def lines(axes: Axes) -> dict[str, list[float]]:
    """Return what lines go through, nan where there is a gap."""
    return {str(line.get_label()): _heights(line.get_ydata()) for line in axes.get_lines()}


def texts(axes: Axes) -> list[str]:
    """Return what is written on it."""
    return [text.get_text() for text in axes.texts]


def bars(axes: Axes) -> list[BarContainer]:
    """Return the bars, one a name."""
    return [one for one in axes.containers if isinstance(one, BarContainer)]


def _heights(data: Any) -> list[float]:
    return [float(value) for value in data]
