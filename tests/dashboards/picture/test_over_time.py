from math import isnan

from dashboards.picture.facts import Facts
from dashboards.picture.over_time import latency, outcomes, shares
from tests.dashboards.picture.panels import bars, heights, lines, panel, texts


def test_bars_are_as_high_as_there_were_exchanges_and_stand_on_each_other(facts: Facts) -> None:
    drawn = panel(outcomes, facts)
    between = [0.0] * 47
    assert heights(drawn) == {
        "ok 3": [2, *between, 1],
        "blocked input 1": [1, *between, 0],
        "blocked output 1": [1, *between, 0],
        "rejected 1": [1, *between, 0],
        "cancelled 1": [1, *between, 0],
    }
    first = [one.patches[0].get_y() for one in bars(drawn)]
    assert first == [0, 2, 3, 4, 5]
    assert "exchanges per 30 min  ·  exchange_facts" in texts(drawn)


def test_lines_of_time_go_through_the_percentiles_and_leave_gaps(facts: Facts) -> None:
    drawn = panel(latency, facts)
    at = [(one[0], one[-1]) for one in lines(drawn).values()]
    assert at == [(125, 500), (125, 500), (125, 300), (75, 300)]
    assert all(isnan(value) for one in lines(drawn).values() for value in one[1:-1])
    assert any("60.0% of all time is Handrail's" in text for text in texts(drawn))


def test_shares_are_of_the_exchanges_of_a_bucket(facts: Facts) -> None:
    drawn = {label: (values[0], values[-1]) for label, values in lines(panel(shares, facts)).items()}
    assert drawn == {
        "something redacted 14.3%": (100 / 6, 0),
        "blocked 28.6%": (200 / 6, 0),
        "failed 0.0%": (0, 0),
    }
