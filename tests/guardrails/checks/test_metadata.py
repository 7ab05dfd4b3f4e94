"""What a caller must say about a request."""

import pytest

from guardrails import Conversation
from guardrails.config import ConfigError
from tests.guardrails.checks.examining import examiner, faults

GIVEN = {"team": "a", "env": "prod", "empty": ""}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"all": ["team", "env"]}, []),
        ({"all": ["team", "cost", "Team"]}, [("missing", "metadata.cost"), ("missing", "metadata.Team")]),
        ({"all": ["empty"]}, [("missing", "metadata.empty")]),
        ({"any": ["cost", "team"]}, []),
        ({"any": ["cost", "empty"]}, [("missing", "metadata")]),
        ({"none": ["cost", "empty"]}, []),
        ({"none": ["team", "env"]}, [("forbidden", "metadata.team"), ("forbidden", "metadata.env")]),
        ({"values": {"env": ["prod", "stag*"], "cost": ["x"]}}, []),
        ({"values": {"env": ["dev", "stag*"]}}, [("not_allowed", "metadata.env")]),
    ],
)
def test_metadata_is_as_it_must_be_or_not(config: dict[str, object], said: list[tuple[str, str]]) -> None:
    assert faults(examiner("metadata", config), Conversation(metadata=GIVEN)) == said


def test_one_that_asks_for_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="give all, any, none or values"):
        examiner("metadata", {})
