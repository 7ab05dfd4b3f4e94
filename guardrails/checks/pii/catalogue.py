"""What there is to find: the names of all entities, strongest first, and groups that stand for several."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from guardrails.checks.pii.card import Card
from guardrails.checks.pii.email import Email
from guardrails.checks.pii.entity import Entity
from guardrails.checks.pii.iban import Iban
from guardrails.checks.pii.identifier import Identified, Identifier
from guardrails.checks.pii.ip import Ip
from guardrails.checks.pii.kinds.africa_near_east import AFRICA_NEAR_EAST
from guardrails.checks.pii.kinds.america import AMERICA
from guardrails.checks.pii.kinds.asia_pacific import ASIA_PACIFIC
from guardrails.checks.pii.kinds.europe_north_west import EUROPE_NORTH_WEST
from guardrails.checks.pii.kinds.europe_south_east import EUROPE_SOUTH_EAST
from guardrails.checks.pii.kinds.international import DEVICES, DOCUMENTS, FINANCIAL
from guardrails.checks.pii.phone import Phone
from guardrails.checks.pii.us_ssn import UsSsn

COMMON = ("email", "iban", "card", "us_ssn", "ip", "phone")
"""What is looked for unless configuration says otherwise: kinds that are told by their form, almost always
rightly, and that all the world has, or nearly."""

_NATIONAL = (*AMERICA, *EUROPE_NORTH_WEST, *EUROPE_SOUTH_EAST, *AFRICA_NEAR_EAST, *ASIA_PACIFIC)
IDENTIFIERS = (*FINANCIAL, *DEVICES, *_NATIONAL, *DOCUMENTS)
_BY_NAME: Mapping[str, Identifier] = MappingProxyType({kind.name: kind for kind in IDENTIFIERS})

ENTITIES = ("email", "iban", *_BY_NAME, "card", "us_ssn", "ip", "phone")
"""Strongest first: what has a check digit, a form of its own or a word before it is not a telephone number as
well."""

GROUPS = ("common", "national", "financial", "devices", "documents", "all")
"""`national` stands for the identifiers of the regions that are configured, `all` for those of all."""


def members(names: Iterable[str], regions: Iterable[str]) -> tuple[str, ...]:
    """Return the entities that names of entities and groups stand for, strongest first."""
    groups = {
        "common": COMMON,
        "national": _of_regions(regions),
        "financial": ("iban", "card", *(kind.name for kind in FINANCIAL)),
        "devices": ("ip", *(kind.name for kind in DEVICES)),
        "documents": tuple(kind.name for kind in DOCUMENTS),
        "all": ENTITIES,
    }
    chosen = {member for name in names for member in groups.get(name, (name,))}
    return tuple(name for name in ENTITIES if name in chosen)


def entity(name: str, regions: Iterable[str]) -> Entity:
    """Return the entity of this name, of `ENTITIES`."""
    match name:
        case "email":
            return Email()
        case "iban":
            return Iban()
        case "card":
            return Card()
        case "us_ssn":
            return UsSsn()
        case "ip":
            return Ip()
        case "phone":
            return Phone(regions)
        case _:
            return Identified(_BY_NAME[name])


def _of_regions(regions: Iterable[str]) -> tuple[str, ...]:
    wanted = frozenset(regions)
    names = tuple(kind.name for kind in _NATIONAL if not wanted.isdisjoint(kind.countries.split()))
    return ("us_ssn", *names) if "US" in wanted else names
