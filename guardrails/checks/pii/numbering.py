"""Numbering plans: which digits are a telephone number, by region and in the whole world.

The plans are those of Google's libphonenumber (the `phonenumbers` package carries its metadata), compiled
into RE2. Asking `phonenumbers` itself was rejected: it needs 26 microseconds for one number and one region,
so that a page of numbers times a dozen regions would cost tens of milliseconds; this needs 3 for all regions
together. What a national plan takes, `phonenumbers.is_valid_number` takes too (the tests hold it to that),
but for some numbers that begin with their own country code.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata, PhoneNumberDesc

from guardrails.checks.patterns import Pattern, compiled

REGIONS = frozenset(SUPPORTED_REGIONS)
"""The regions there are plans of, as ISO 3166-1 alpha-2 codes."""

NORTH_AMERICA = frozenset(COUNTRY_CODE_TO_REGION_CODE[1])
"""The regions that share country code 1, and with it one way of writing numbers: 3-3-4."""

_OPTIONAL_TRUNK = frozenset({"BR", "IN"})
"""Regions whose numbers are commonly written without the trunk prefix that they are dialled with."""

_LEGACY_BARE = {"BR": r"[1-9]{2}9\d{8}"}
"""Mobile numbers where the metadata has more than is in use: in Brazil all have had eleven digits since 2016
(Anatel), and ten are rather a point in time, in seconds since 1970."""

_GROUP = re.compile(r"\(\\d(?:\{(\d+)(?:,(\d+))?\})?\)")
"""A group in the metadata: two or three digits are `(\\d{2,3})`."""

_MIN_GROUPED_DIGITS = 8

_FICTION = r"1555\d{4}"
"""How examples shorten the numbers that North America reserves for fiction: `+1-555-0123`."""

_WORLD = "001"
"""What libphonenumber calls a country code of no region, as +800."""


class Plan:
    """A set of numbers.

    Args:
        patterns: in RE2, of whole numbers without separators.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._pattern: Pattern = compiled("|".join(sorted(set(patterns))) or r"\z.")

    def has(self, digits: str) -> bool:
        """Return whether these digits are a number of the plan."""
        return self._pattern.fullmatch(digits) is not None


def grouped_plan(regions: Iterable[str]) -> Plan:
    """Return the numbers of regions outside of North America, with the trunk prefix they are dialled with."""
    return Plan(_national(region) for region in regions if region not in NORTH_AMERICA)


def bare_plan(regions: Iterable[str]) -> Plan:
    """Return the numbers of regions that are a number to everyone even without groups.

    Those are the numbers of North America, those with a trunk prefix, and mobile numbers.
    """
    return Plan(_bare(region) for region in regions)


def north_american_plan() -> Plan:
    """Return the numbers of North America, the leading 1 being optional."""
    return Plan(_bare(region) for region in NORTH_AMERICA)


def customary_plan(regions: Iterable[str]) -> Plan:
    """Return the numbers of regions as they are written at home: the trunk prefix is optional."""
    return Plan(f"(?:{_metadata(region).national_prefix or ''})?(?:{_numbers(region)})" for region in regions)


def customary_groupings(regions: Iterable[str]) -> frozenset[tuple[int, ...]]:
    """Return how many digits the groups have where a region writes numbers without a 0 in front."""
    return frozenset(sizes for region in regions for sizes in _groupings(region))


def world_plan() -> Plan:
    """Return the numbers of all countries, country code first.

    Only how long the numbers of a country are and what they start with counts: numbers reserved for films and
    examples (`+1 555 ...`, `+44 7700 900...`) pass, for with a plus sign in front nothing else looks like
    them.
    """
    countries = (_international(code, regions) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items())
    return Plan((*countries, _FICTION))


def _national(region: str) -> str:
    prefix = _metadata(region).national_prefix or ""
    optional = "?" if region in _OPTIONAL_TRUNK else ""
    return f"(?:{prefix}){optional}(?:{_numbers(region)})"


def _bare(region: str) -> str:
    metadata = _metadata(region)
    prefix = metadata.national_prefix or ""
    if region in NORTH_AMERICA:
        return f"1?(?:{_numbers(region)})"
    dialled = f"{prefix}(?:{_numbers(region)})"
    mobile = _LEGACY_BARE.get(region) or _pattern(metadata.mobile)
    return f"{dialled}|{mobile}" if region in _OPTIONAL_TRUNK or not prefix else dialled


def _groupings(region: str) -> Iterator[tuple[int, ...]]:
    for form in _metadata(region).number_format:
        groups = _GROUP.findall(form.pattern or "")
        written = form.format or ""
        if form.national_prefix_formatting_rule:
            written = written.replace(r"\1", form.national_prefix_formatting_rule, 1)
        if written.lstrip("(").startswith("0") or len(groups) != (form.pattern or "").count("("):
            continue
        for digits in product(*(range(int(low or 1), int(high or low or 1) + 1) for low, high in groups)):
            sizes = _sizes(written, digits)
            if len(sizes) > 1 and sum(sizes) >= _MIN_GROUPED_DIGITS:
                yield sizes


def _sizes(written: str, digits: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many digits stand together where groups of so many are put into a format of the metadata."""
    sample = re.sub(r"\\(\d)", lambda group: "9" * digits[int(group[1]) - 1], written)
    return tuple(map(len, re.findall(r"\d+", sample)))


def _numbers(region: str) -> str:
    """Return what a person may have in this region: no premium rates, no company-wide numbers."""
    metadata = _metadata(region)
    kinds = (
        metadata.fixed_line,
        metadata.mobile,
        metadata.toll_free,
        metadata.personal_number,
        metadata.voip,
    )
    return "|".join(pattern for kind in kinds if (pattern := _pattern(kind)))


def _international(code: int, regions: Iterable[str]) -> str:
    return f"{code}(?:{'|'.join(_general(code, regions))})"


def _general(code: int, regions: Iterable[str]) -> Iterator[str]:
    for region in regions:
        metadata = PhoneMetadata.metadata_for_nongeo_region(code) if region == _WORLD else _metadata(region)
        if metadata is not None:
            yield _pattern(metadata.general_desc)


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None, region
    return metadata


def _pattern(kind: PhoneNumberDesc | None) -> str:
    return (kind.national_number_pattern or "") if kind else ""
