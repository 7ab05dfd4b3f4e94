"""What checks would wait for can be loaded before."""

import guardrails
from guardrails.checks.secrets import maintained


def test_rules_that_were_loaded_are_loaded_no_more() -> None:
    guardrails.load()
    loaded = maintained.load()
    guardrails.load()
    assert maintained.load() is loaded
