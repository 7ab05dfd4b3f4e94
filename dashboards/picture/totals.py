"""The panels of sums: what guardrails decided, what models counted, what keys spent."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.picture import style
from dashboards.picture.facts import Facts, Tokens, Verdicts

MOST = 6
"""Rows of a panel, and colours; what comes behind is added up."""
OTHERS = "others"
_HEIGHT = 0.62


def verdicts(axes: Axes, facts: Facts) -> None:
    """Draw what each guardrail decided other than to let pass."""
    style.head(axes, "What guardrails decided", "verdicts other than pass  ·  guardrail_outcomes")
    shown = sorted(facts.verdicts, key=_fired, reverse=True)[:MOST]
    lefts = [0] * len(shown)
    for decision, (label, colour) in style.DECISIONS.items():
        counts = [one.decisions.get(decision, 0) for one in shown]
        if any(counts):
            axes.barh(range(len(shown)), counts, _HEIGHT, lefts, color=colour, label=label, linewidth=0)
        lefts = [sum(both) for both in zip(lefts, counts, strict=True)]
    _rows(axes, [one.guardrail for one in shown], lefts, room=0.75)
    for row, one in enumerate(shown):
        _beside(axes, row, lefts[row], f"{_fired(one):,} of {one.count:,}  ·  {one.mean_ms:.2g} ms each")
    if axes.get_legend_handles_labels()[0]:
        style.legend(axes)


def tokens(axes: Axes, facts: Facts) -> None:
    """Draw how many tokens each model counted, and how many the cache saved."""
    style.head(axes, "What models counted", "tokens  ·  usage_by_day")
    shown = sorted(facts.tokens, key=_counted, reverse=True)[:MOST]
    parts = (
        ("prompt", style.CALM, [one.prompt for one in shown]),
        ("completion", style.BLUE, [one.completion for one in shown]),
        ("spared by the cache", style.GREEN, [one.saved for one in shown]),
    )
    lefts = [0] * len(shown)
    for label, colour, counts in parts:
        axes.barh(range(len(shown)), counts, _HEIGHT, lefts, color=colour, label=label, linewidth=0)
        lefts = [sum(both) for both in zip(lefts, counts, strict=True)]
    _rows(axes, [one.model for one in shown], lefts)
    for row, one in enumerate(shown):
        _beside(axes, row, lefts[row], _short(_counted(one)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: _short(count)))
    style.legend(axes)


def costs(axes: Axes, facts: Facts) -> None:
    """Draw what each key spent on which model."""
    unknown = sum(one.without for one in facts.costs)
    known = f", and {unknown:,} answers of unknown cost" if unknown else ""
    style.head(axes, "What keys spent", f"USD{known}  ·  cost_by_key")
    spent: dict[str, dict[str, float]] = {}
    models = _first(_sums([(one.model, one.usd) for one in facts.costs]), len(style.MODELS))
    callers = _first(_sums([(one.caller, one.usd) for one in facts.costs]), MOST)
    for one in facts.costs:
        by_model = spent.setdefault(one.caller if one.caller in callers else OTHERS, {})
        model = one.model if one.model in models else OTHERS
        by_model[model] = by_model.get(model, 0) + one.usd
    names = [name for name in (*callers, OTHERS) if name in spent]
    lefts = [0.0] * len(names)
    for model, colour in zip((*models, OTHERS), (*style.MODELS[: len(models)], style.OTHERS), strict=True):
        usd = [spent[name].get(model, 0) for name in names]
        if any(usd):
            axes.barh(range(len(names)), usd, _HEIGHT, lefts, color=colour, label=model, linewidth=0)
        lefts = [sum(both) for both in zip(lefts, usd, strict=True)]
    _rows(axes, names, lefts)
    for row, total in enumerate(lefts):
        _beside(axes, row, total, f"${total:,.2f}" if total >= 1 else f"${total:.3g}")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"${usd:g}"))
    if axes.get_legend_handles_labels()[0]:
        style.legend(axes, columns=3)


def _fired(one: Verdicts) -> int:
    return one.count - one.decisions.get("pass", 0)


def _counted(one: Tokens) -> int:
    return one.prompt + one.completion + one.saved


def _sums(pairs: Sequence[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for name, value in pairs:
        sums[name] = sums.get(name, 0) + value
    return sums


def _first(sums: Mapping[str, float], most: int) -> list[str]:
    return sorted(sums, key=lambda name: sums[name], reverse=True)[:most]


def _rows(axes: Axes, names: Sequence[str], ends: Sequence[float], room: float = 0.3) -> None:
    axes.set_yticks(range(len(names)), names, color=style.INK)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, (1 + room) * max(ends, default=0) or 1)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))


def _beside(axes: Axes, row: int, end: float, text: str) -> None:
    axes.annotate(
        text, (end, row), (6, 0), textcoords="offset points", va="center", fontsize=9.5, color=style.QUIET
    )


def _short(count: float) -> str:
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {name}"
    return f"{count:.0f}"
