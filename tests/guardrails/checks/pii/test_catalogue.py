"""Names and groups: which entities a configuration means."""

import re

import pytest

from guardrails.checks.pii.catalogue import COMMON, ENTITIES, GROUPS, entity, members


def test_names_are_told_apart() -> None:
    assert len({*ENTITIES, *GROUPS}) == len(ENTITIES) + len(GROUPS)


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_is_called_by_the_name_that_configuration_calls_it(name: str) -> None:
    made = entity(name, ("US",))
    assert made.name == name
    assert made.triggers
    assert re.fullmatch("[a-z][a-z_]*", name)
    assert not any(word != word.lower() for word in made.words)


def test_names_are_themselves_and_come_strongest_first() -> None:
    assert members(["phone", "gb_nhs", "iban"], ()) == ("iban", "gb_nhs", "phone")


def test_the_common_ones_are_those_that_are_looked_for_by_default() -> None:
    assert set(members(["common"], ())) == set(COMMON)


def test_national_ones_are_those_of_the_regions() -> None:
    assert members(["national"], ["IE"]) == ("ie_pps",)
    assert members(["national"], ["SK"]) == ("cz_rc",)
    assert "us_ssn" in members(["national"], ["US"])
    assert members(["national"], ["VA"]) == ()


def test_one_of_another_country_is_looked_for_where_it_is_named() -> None:
    assert members(["national", "pl_pesel"], ["IE"]) == ("ie_pps", "pl_pesel")


def test_all_are_all_whatever_the_regions() -> None:
    assert members(["all"], ()) == ENTITIES


def test_every_other_group_is_a_part_of_all() -> None:
    for group in GROUPS:
        assert set(members([group], ["US"])) <= set(ENTITIES)
        assert members([group], ["US"])
