"""What is spent, by whom and on what."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from dashboards.generator.panels import number, over_time, page, ranking, rows
from dashboards.generator.queries import increase, rate, spent, top
from telemetry import instruments as of
from telemetry import names

_BY_MODEL = (names.PROVIDER, names.GEN_AI_REQUEST_MODEL)
_MODEL = "{{handrail_provider}} {{gen_ai_request_model}}"

BY_KEY = """
SELECT caller, provider, model, CAST(sum(attempts) AS bigint) AS attempts,
  CAST(sum(prompt_tokens) AS bigint) AS prompt_tokens,
  CAST(sum(completion_tokens) AS bigint) AS completion_tokens,
  sum(cost_usd) AS cost_usd, CAST(sum(without_cost) AS bigint) AS without_cost
FROM cost_by_key
WHERE day >= CAST($__timeFrom() AS date) AND day <= CAST($__timeTo() AS date)
GROUP BY 1, 2, 3
ORDER BY cost_usd DESC NULLS LAST
LIMIT 50
"""
BY_DAY = """
SELECT day, CAST(sum(exchanges) AS bigint) AS exchanges,
  CAST(sum(prompt_tokens + completion_tokens) AS bigint) AS tokens,
  CAST(sum(saved_tokens) AS bigint) AS saved_tokens, sum(cost_usd) AS cost_usd
FROM usage_by_day
WHERE day >= CAST($__timeFrom() AS date) AND day <= CAST($__timeTo() AS date)
GROUP BY day
ORDER BY day DESC
"""


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page("handrail-cost", "cost and usage", "Money and tokens, by key, provider and model.")
        .with_row(Row("In the time shown"))
        .with_panel(
            number(
                "Spent",
                "All calls whose price is known.",
                increase(of.COST, window="$__range"),
                "currencyUSD",
            )
        )
        .with_panel(
            number(
                "An hour",
                "At the present rate.",
                f"{rate(of.COST)} * 3600",
                "currencyUSD",
            )
        )
        .with_panel(
            number(
                "Unpriced calls",
                "Answered calls whose cost nobody knows: give their prices in the configuration.",
                increase(of.COST_UNKNOWN, window="$__range"),
                bad_from=1,
            )
        )
        .with_panel(number("Tokens", "In and out.", increase(of.TOKEN_USAGE, window="$__range")))
        .with_row(Row("Money"))
        .with_panel(
            over_time(
                "USD an hour by caller",
                "By the name of the gateway key.",
                {"{{handrail_caller}}": f"{rate(of.COST, (names.CALLER,))} * 3600"},
                "currencyUSD",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "USD an hour by model",
                "Calls whose answer was blocked cost, too.",
                {_MODEL: f"{rate(of.COST, _BY_MODEL)} * 3600"},
                "currencyUSD",
                stacked=True,
            )
        )
        .with_panel(
            ranking(
                "Dearest models",
                "In the time shown.",
                top(20, increase(of.COST, _BY_MODEL, window="$__range")),
                _MODEL,
                "currencyUSD",
            )
        )
        .with_panel(
            ranking(
                "Calls of unknown cost",
                "In the time shown.",
                top(20, increase(of.COST_UNKNOWN, _BY_MODEL, window="$__range")),
                _MODEL,
            )
        )
        .with_panel(
            over_time(
                "Tokens a second by model",
                "In and out.",
                {
                    _MODEL + " {{gen_ai_token_type}}": spent(
                        of.TOKEN_USAGE, (*_BY_MODEL, names.GEN_AI_TOKEN_TYPE)
                    )
                },
            )
        )
        .with_row(Row("From the record"))
        .with_panel(rows("By key, provider and model", "From the view cost_by_key.", BY_KEY))
        .with_panel(rows("By day", "From the view usage_by_day; saved: by the cache.", BY_DAY))
    )
