"""How the picture looks: colours, letters, and what every panel has.

The colours are Okabe and Ito's, which people with any kind of colour vision tell apart
(jfly.uni-koeln.de/color, 2008), lightened where an area is large.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

INK = "#1f2933"
QUIET = "#6b7680"
LINE = "#d9dee3"
BLUE = "#0072b2"
SKY = "#56b4e9"
GREEN = "#009e73"
ORANGE = "#e69f00"
RED = "#d55e00"
PINK = "#cc79a7"
YELLOW = "#f0e442"
CALM = "#bcdcef"
"""Sky, lightened: what is as it should be."""

OUTCOMES = {
    "ok": CALM,
    "blocked_input": ORANGE,
    "blocked_output": RED,
    "upstream_error": PINK,
    "rejected": YELLOW,
    "cancelled": "#9aa5b1",
    "failed": INK,
    "interrupted": "#52606d",
}
"""In the order in which they are stacked."""
DECISIONS = {
    "block": ("block", RED),
    "block?": ("would block", "#efc3a3"),
    "redact": ("redact", BLUE),
    "redact?": ("would redact", "#a3cbe3"),
    "flag": ("flag", GREEN),
    "flag?": ("would flag", "#9bd8c5"),
    "error": ("error", INK),
}
"""What a guardrail that only watches would have done is the same in pale."""
MODELS = (BLUE, ORANGE, GREEN, PINK, SKY)
OTHERS = "#9aa5b1"

SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "xtick.major.pad": 6,
    "ytick.major.pad": 5,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}
"""Of matplotlib."""


def head(axes: Axes, title: str, says: str) -> None:
    """Write over a panel what it shows, and in which unit, of which view."""
    looks: tuple[tuple[str, int, dict[str, Any]], ...] = (
        (title, 60, {"fontsize": 13.5, "fontweight": "bold"}),
        (says, 44, {"fontsize": 10, "color": QUIET}),
    )
    for text, above_pt, look in looks:
        axes.annotate(text, (0, 1), (0, above_pt), "axes fraction", "offset points", va="bottom", **look)


def legend(axes: Axes, columns: int = 4, handle: float = 1.0) -> None:
    """Put a legend of two lines at most under the head of a panel."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "a panel of a picture"
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, 1),
        bbox_transform=axes.transAxes + ScaledTranslation(-2 / 72, 40 / 72, figure.dpi_scale_trans),
        ncols=columns,
        frameon=False,
        fontsize=9.5,
        handlelength=handle,
        handleheight=0.9,
        handletextpad=0.4,
        columnspacing=1.0,
        labelspacing=0.3,
        borderaxespad=0,
        borderpad=0,
    )
