import msgspec

from dashboards.picture.facts import Cost, Facts
from dashboards.picture.totals import costs, tokens, verdicts
from tests.dashboards.picture.panels import panel, texts, widths


def test_verdicts_that_let_pass_have_no_bar_but_are_counted(facts: Facts) -> None:
    drawn = panel(verdicts, facts)
    assert widths(drawn) == {
        "block": {"no-secrets": 1},
        "redact": {"privacy": 1},
        "would redact": {"privacy": 1},
        "error": {"privacy": 1},
    }
    assert "3 of 8  ·  0.25 ms each" in texts(drawn)


def test_tokens_are_told_by_what_they_were(facts: Facts) -> None:
    drawn = panel(tokens, facts)
    assert widths(drawn) == {
        "prompt": {"openai/gpt-4o": 39},
        "completion": {"openai/gpt-4o": 65},
        "spared by the cache": {"openai/gpt-4o": 80},
    }
    assert "184" in texts(drawn)


def test_what_keys_spent_is_told_by_model(facts: Facts) -> None:
    drawn = panel(costs, facts)
    assert widths(drawn) == {"openai/gpt-4o": {"team-a": 0.75, "team-b": 0.125}}
    assert {"USD, and 1 answers of unknown cost  ·  cost_by_key", "$0.75", "$0.125"} <= set(texts(drawn))


def test_what_does_not_fit_is_added_up(facts: Facts) -> None:
    many = [Cost(f"key-{n:02}", f"m/{n:02}", 100 - n, 0) for n in range(20)]
    drawn = widths(panel(costs, msgspec.structs.replace(facts, costs=many)))
    assert drawn["m/00"] == {"key-00": 100}
    assert drawn["others"] == {"key-05": 95, "others": sum(100 - n for n in range(6, 20))}
    assert sum(sum(row.values()) for row in drawn.values()) == sum(one.usd for one in many)


def test_a_record_without_costs_or_tokens_is_drawn(facts: Facts) -> None:
    bare = msgspec.structs.replace(facts, costs=(), tokens=(), verdicts=())
    assert [widths(panel(draw, bare)) for draw in (verdicts, costs)] == [{}, {}]
    panel(tokens, bare)
