"""Our plans against libphonenumber's own judgement."""

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from guardrails.checks.pii.numbering import (
    NORTH_AMERICA,
    REGIONS,
    bare_plan,
    customary_groupings,
    customary_plan,
    grouped_plan,
    north_american_plan,
    world_plan,
)
from guardrails.checks.pii.phone import DEFAULT_REGIONS

WORLD = world_plan()
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)


def digits_of(written: str) -> str:
    return "".join(character for character in written if character.isdecimal())


def is_valid(digits: str, region: str) -> bool:
    """Return what libphonenumber says of a number as it is dialled in a region, trunk prefix or not."""
    code = phonenumbers.country_code_for_region(region)
    national = {digits, digits.removeprefix("1" if region in NORTH_AMERICA else "0")}
    return any(phonenumbers.is_valid_number(phonenumbers.parse(f"+{code}{number}")) for number in national)


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_example_numbers_of_every_region_are_in_the_plans(region: str) -> None:
    for kind in KINDS:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        assert WORLD.has(digits_of(phonenumbers.format_number(example, PhoneNumberFormat.E164)))
        national = digits_of(phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL))
        if region in NORTH_AMERICA:
            assert north_american_plan().has(national)
        elif region in DEFAULT_REGIONS and kind != PhoneNumberType.TOLL_FREE:
            assert grouped_plan([region]).has(national)


@settings(max_examples=400, deadline=None)
@given(
    region=st.sampled_from(DEFAULT_REGIONS),
    digits=st.from_regex(r"\A(0[1-9]|[1-9][0-9])[0-9]{5,10}\Z").filter(str.isascii),
)
def test_what_a_national_plan_takes_libphonenumber_takes(region: str, digits: str) -> None:
    assume(not digits.lstrip("0").startswith(str(phonenumbers.country_code_for_region(region))))
    if grouped_plan([region]).has(digits) or bare_plan([region]).has(digits):
        assert is_valid(digits, region)


@pytest.mark.parametrize(
    ("region", "groups"),
    [
        ("NO", {(2, 2, 2, 2), (3, 2, 3)}),
        ("DK", {(2, 2, 2, 2)}),
        ("PE", {(3, 3, 3)}),
        ("GB", set()),  # all are written with a 0 in front
    ],
)
def test_groups_are_those_that_the_region_writes(region: str, groups: set[tuple[int, ...]]) -> None:
    assert customary_groupings([region]) == groups


def test_the_digit_dialled_first_may_be_a_group_of_its_own() -> None:
    assert (1, 3, 3, 2, 2) in customary_groupings(["RU"])


def test_a_customary_number_may_leave_the_trunk_prefix_out() -> None:
    plan = customary_plan(["CN"])
    assert plan.has("13123400413")
    assert plan.has("013123400413")
    assert not plan.has("23123400413")
