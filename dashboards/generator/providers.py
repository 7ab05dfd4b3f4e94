"""What providers do: how fast, how well, and what routing and the cache make of it."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from dashboards.generator.panels import number, over_time, page, ranking
from dashboards.generator.queries import increase, now, part, quantile, rate
from telemetry import instruments as of
from telemetry import names

_AGAIN = {names.ATTEMPT_REASON: "!=first"}
_WRONG = {names.ERROR_TYPE: "!="}
_HIT = {names.CACHE_STATUS: "=~hit|semantic_hit"}


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page("handrail-providers", "providers and routing", "Calls to providers, retries, fallbacks, cache.")
        .with_row(Row("Now"))
        .with_panel(number("Calls", "To providers, a second.", rate(of.ATTEMPTS), "reqps"))
        .with_panel(
            number(
                "Failed",
                "Calls that ended in an error.",
                part(rate(of.ATTEMPTS, where=_WRONG), rate(of.ATTEMPTS)),
                "percentunit",
                bad_from=0.05,
            )
        )
        .with_panel(
            number(
                "Second tries",
                "Calls that were retries or fallbacks.",
                part(rate(of.ATTEMPTS, where=_AGAIN), rate(of.ATTEMPTS)),
                "percentunit",
                bad_from=0.1,
            )
        )
        .with_panel(
            number("Open circuits", "Targets that are left alone now.", now(of.BREAKERS_OPEN), bad_from=1)
        )
        .with_panel(
            number(
                "From the cache",
                "Of the look-ups, those that found an answer.",
                part(rate(of.CACHE_LOOKUPS, where=_HIT), rate(of.CACHE_LOOKUPS)),
                "percentunit",
            )
        )
        .with_panel(
            number(
                "Time, 95 %",
                "Of a call, to the end of its answer.",
                quantile(0.95, of.OPERATION_DURATION),
                "s",
            )
        )
        .with_row(Row("Providers"))
        .with_panel(
            over_time(
                "Calls by provider",
                "By slug.",
                {"{{handrail_provider}}": rate(of.ATTEMPTS, (names.PROVIDER,))},
                "reqps",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "Errors by provider",
                "The provider's status, or what happened on the way to it.",
                {
                    "{{handrail_provider}} {{error_type}}": rate(
                        of.ATTEMPTS, (names.PROVIDER, names.ERROR_TYPE), _WRONG
                    )
                },
                "reqps",
            )
        )
        .with_panel(
            over_time(
                "Time of calls, 95 %",
                "To the end of the answer.",
                {"{{handrail_provider}}": quantile(0.95, of.OPERATION_DURATION, (names.PROVIDER,))},
                "s",
            )
        )
        .with_panel(
            over_time(
                "Until an answer begins, 95 %",
                "Streams only.",
                {"{{handrail_provider}}": quantile(0.95, of.TIME_TO_FIRST_CHUNK, (names.PROVIDER,))},
                "s",
            )
        )
        .with_panel(
            ranking(
                "Models",
                "Calls in the time shown.",
                rate(of.ATTEMPTS, (names.GEN_AI_REQUEST_MODEL,), window="$__range"),
                "{{gen_ai_request_model}}",
                "reqps",
            )
        )
        .with_row(Row("Routing and the cache"))
        .with_panel(
            over_time(
                "Why a provider was asked",
                "first, retry of the same target, fallback to another.",
                {"{{handrail_attempt_reason}}": rate(of.ATTEMPTS, (names.ATTEMPT_REASON,))},
                "reqps",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "Circuits",
                "Open now, and opened in the last hour.",
                {"open": now(of.BREAKERS_OPEN), "opened": increase(of.BREAKERS_OPENED, window="1h")},
            )
        )
        .with_panel(
            over_time(
                "Look-ups in the cache",
                "By what came of them.",
                {"{{handrail_cache_status}}": rate(of.CACHE_LOOKUPS, (names.CACHE_STATUS,))},
                "reqps",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "What the cache does",
                "kept, evicted, unreadable, failed (its Redis), ...",
                {"{{handrail_cache_event}}": rate(of.CACHE_EVENTS, (names.CACHE_EVENT,))},
            )
        )
        .with_panel(over_time("Answers in memory", "By count.", {"answers": now(of.CACHE_ENTRIES)}))
        .with_panel(over_time("Memory of the cache", "By size.", {"": now(of.CACHE_SIZE)}, "bytes"))
    )
