import pytest

from app.domain.json_leaves import key_path, member_path
from app.records.places import Places, is_within, parent
from tests.exchanges import finding

DOCUMENT = {"a": {"b": ["one", {"c.d": "two"}]}, "n": 4111111111111111, "empty": "", "null": None}


def hidden(path: str) -> dict[str, object]:
    places = Places(DOCUMENT)
    assert places.hide_all(path)
    return places.document()


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("a.b[0]", DOCUMENT | {"a": {"b": ["[REDACTED]", {"c.d": "two"}]}}),
        ('a.b[1]["c.d"]', DOCUMENT | {"a": {"b": ["one", {"c.d": "[REDACTED]"}]}}),
        ('a.b[1]["c.d"].~key', DOCUMENT | {"a": {"b": ["one", {"[REDACTED]": "two"}]}}),
        ("a.b[0].inside.of#it", DOCUMENT | {"a": {"b": ["[REDACTED]", {"c.d": "two"}]}}),
        ("n", DOCUMENT | {"n": "[REDACTED]"}),
        ("a.b[1]", DOCUMENT | {"a": {"b": ["one", {"[REDACTED]": "[REDACTED]"}]}}),
    ],
)
def test_a_place_is_hidden_or_what_it_is_in_or_all_that_is_in_it(path: str, after: dict[str, object]) -> None:
    assert hidden(path) == after


@pytest.mark.parametrize("path", ["b", "a.bb", "a.b[7]", "empty", "null", "a.b[0", ""])
def test_a_place_that_is_not_there_is_said_to_be_missing(path: str) -> None:
    places = Places(DOCUMENT)
    assert not places.hide_all(path)
    assert not places.hide(finding(path, 0, 1), cut=True)
    assert places.document() == DOCUMENT


def test_a_finding_behind_the_end_of_a_cut_text_hides_nothing() -> None:
    places = Places(DOCUMENT)
    assert places.hide(finding("a.b[0]", 3, 9), cut=True)
    assert places.document() == DOCUMENT


@pytest.mark.parametrize("key", ["plain", "with.dot", 'quo"te', '["', "a#b", "~", "[0]", ""])
@pytest.mark.parametrize("around", ["a", "a.b[2]", 'x["y.z"]', "arguments#"])
def test_the_parent_of_a_member_is_what_holds_it(around: str, key: str) -> None:
    assert parent(member_path(around, key)) == around
    assert is_within(key_path(member_path(around, key)), around)


def test_a_name_that_only_begins_alike_is_not_within() -> None:
    assert not is_within("messages[10]", "messages[1]")
    assert not is_within("metadata.name", "metadata.na")
