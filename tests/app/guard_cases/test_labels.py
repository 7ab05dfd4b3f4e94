import pytest

from app.guard_cases.labels import check_of, is_rule


@pytest.mark.parametrize(
    ("label", "check", "rule"),
    [
        ("pii", "pii", False),
        ("pii.card", "pii", True),
        ("default.contains", "default.contains", False),
        ("default.contains.none", "default.contains", True),
        ("secrets.maintained.aws.1", "secrets", True),
    ],
)
def test_a_label_is_of_a_check_and_may_name_a_rule(label: str, check: str, rule: bool) -> None:
    assert check_of(label) == check
    assert is_rule(label) == rule
