"""Panels, as all dashboards have them, in Grafana's own types (grafana-foundation-sdk)."""

from collections.abc import Mapping
from typing import Literal

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, table, text, timeseries
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    GraphDrawStyle,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="handrail-prometheus")
POSTGRESQL = DataSourceRef(type_val="postgres", uid="handrail-postgresql")
JAEGER_UID = "handrail-jaeger"
"""As `grafana/provisioning/datasources/sources.yaml` names them."""

EXCHANGE_UID = "handrail-exchange"
"""Of the dashboard that shows one exchange."""
TAG = "handrail"
_TRACE = (
    '/explore?left={"datasource":"' + JAEGER_UID + '","queries":[{"refId":"A",'
    '"query":"${__data.fields.trace_id}"}],"range":{"from":"now-7d","to":"now"}}'
)
_EXCHANGE = f"/d/{EXCHANGE_UID}?var-exchange_id=${{__data.fields.exchange_id}}&${{__url_time_range}}"

Unit = Literal["short", "reqps", "percentunit", "s", "ms", "currencyUSD", "bytes", "none"]


class SqlQuery(Dataquery):
    """A question to PostgreSQL, as Grafana's data source takes it."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.ref_id: str | None = "A"

    def to_json(self) -> dict[str, object]:
        """Return it as Grafana stores it."""
        return {
            "datasource": {"type": POSTGRESQL.type_val, "uid": POSTGRESQL.uid},
            "editorMode": "code",
            "format": "table",
            "rawQuery": True,
            "rawSql": self.sql,
            "refId": self.ref_id,
        }


class _SqlTarget(Builder[Dataquery]):
    """What builds a `SqlQuery`: panels take builders."""

    def __init__(self, sql: str) -> None:
        self._query = SqlQuery(sql)

    def build(self) -> Dataquery:
        return self._query


def over_time(
    title: str, says: str, queries: Mapping[str, str], unit: Unit = "short", *, stacked: bool = False
) -> timeseries.Panel:
    """Return a panel of lines.

    Args:
        title: what it shows.
        says: how to read it.
        queries: by their legend, `{{label}}` for labels.
        unit: of the values.
        stacked: whether the lines add up to something.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(says)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .span(12)
        .height(8)
        .line_width(1)
        .fill_opacity(30 if stacked else 8)
        .draw_style(GraphDrawStyle.LINE)
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for number, (legend, query) in enumerate(queries.items()):
        panel = panel.with_target(_asked(query, legend, number).exemplar("_bucket" in query))
    return panel


def number(
    title: str, says: str, query: str, unit: Unit = "short", *, bad_from: float | None = None
) -> stat.Panel:
    """Return a panel of one number, red from `bad_from` on."""
    panel = (
        stat.Panel()
        .title(title)
        .description(says)
        .datasource(PROMETHEUS)
        .unit(unit)
        .span(4)
        .height(4)
        .with_target(_asked(query, "", 0))
    )
    if bad_from is not None:
        steps = [Threshold(None, "green"), Threshold(bad_from, "red")]
        panel = panel.thresholds(dashboards.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    return panel


def ranking(title: str, says: str, query: str, legend: str, unit: Unit = "short") -> bargauge.Panel:
    """Return a panel of bars, the longest first."""
    return (
        bargauge.Panel()
        .title(title)
        .description(says)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .span(12)
        .height(8)
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .with_target(_asked(f"sort_desc({query})", legend, 0).instant())
    )


def rows(title: str, says: str, sql: str, *, span: int = 24, height: int = 8) -> table.Panel:
    """Return a panel of rows of the record; ids of exchanges and traces lead to what they name."""
    panel = (
        table.Panel()
        .title(title)
        .description(says)
        .datasource(POSTGRESQL)
        .span(span)
        .height(height)
        .with_target(_SqlTarget(sql))
    )
    for field, name, url in (
        ("exchange_id", "Show the exchange", _EXCHANGE),
        ("trace_id", "Show the trace in Jaeger", _TRACE),
    ):
        panel = panel.override_by_name(field, [_property("links", [{"title": name, "url": url}])])
    return panel


def note(title: str, words: str) -> text.Panel:
    """Return a panel of text."""
    return text.Panel().title(title).content(words).span(24).height(3)


def page(uid: str, title: str, says: str) -> dashboards.Dashboard:
    """Return an empty dashboard that links to its siblings."""
    siblings = dashboards.DashboardLink("Handrail").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return (
        dashboards.Dashboard(f"Handrail: {title}")
        .uid(uid)
        .description(says)
        .tags([TAG])
        .timezone("browser")
        .refresh("30s")
        .time("now-1h", "now")
        .editable()
        .link(siblings.as_dropdown(True).keep_time(True).include_vars(False))
    )


def _property(name: str, value: object) -> DynamicConfigValue:
    return DynamicConfigValue(id_val=name, value=value)


def _asked(query: str, legend: str, number_: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query)
        .legend_format(legend)
        .datasource(PROMETHEUS)
        .ref_id(chr(ord("A") + number_))
    )
