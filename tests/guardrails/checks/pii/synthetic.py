"""Texts made by chance: values that must be found, and what looks like them and must not.

A seeded `random.Random` makes them, so that a test and `tests/bench/checks_accuracy.py` see the same ones.
"""

import ipaddress
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from random import Random

import phonenumbers
from stdnum import luhn
from stdnum.iban import calc_check_digits

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "AU", "BR", "JP")

_SENTENCES = (
    "{}",
    "My details: {}.",
    "Please use {} from now on",
    "({})",
    "is it {}?",
    "{}, as I said",
    "I wrote {} down\nand lost it",
    "contact\t{}\tdone",
    '{{"value": "{}"}}',
    "\u4f60\u597d{}\u8c22\u8c22",
)
_CARDS = (
    ("4", 16),
    ("4", 13),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("36", 14),
)
_IBANS = (
    ("GB", "WEST", 14),
    ("DE", "", 18),
    ("NL", "ABNA", 10),
    ("NO", "", 11),
    ("FR", "", 23),
    ("BE", "", 12),
)


def labelled(random: Random, count: int) -> Iterator[tuple[str, str, str]]:
    """Yield texts with the kind and the value that stands in each."""
    makers: Mapping[str, Callable[[Random], str]] = {
        "card": _card,
        "email": _email,
        "iban": _iban,
        "ip": _ip,
        "phone": _phone,
    }
    for _ in range(count):
        for kind, make in makers.items():
            value = make(random)
            yield random.choice(_SENTENCES).format(value), kind, value


def hard_negatives(random: Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield texts without any of the common kinds, and what stands in each instead."""
    for _ in range(count):
        for name, make in _NEGATIVES.items():
            yield make(random), name


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _letters(random: Random, count: int) -> str:
    return "".join(random.choices(string.ascii_uppercase, k=count))


def _grouped(number: str, separator: str) -> str:
    return separator.join(number[place : place + 4] for place in range(0, len(number), 4))


def _card(random: Random) -> str:
    prefix, length = random.choice(_CARDS)
    body = prefix + _digits(random, length - len(prefix) - 1)
    return _grouped(body + luhn.calc_check_digit(body), random.choice(("", "", " ", "-")))


def _email(random: Random) -> str:
    names = [_letters(random, random.randint(2, 8)).lower() for _ in range(3)]
    local = random.choice((names[0], f"{names[0]}.{names[1]}", f"{names[0]}+{names[1]}", f"{names[0]}_7"))
    return f"{local}@{names[2]}.{random.choice(('com', 'co.uk', 'io', 'museum', 'de'))}"


def _iban(random: Random) -> str:
    country, bank, length = random.choice(_IBANS)
    account = bank + _digits(random, length)
    number = country + calc_check_digits(f"{country}00{account}") + account
    return _grouped(number, random.choice(("", " ")))


def _ip(random: Random) -> str:
    if random.random() < 0.3:
        return str(ipaddress.IPv6Address((0x2001 << 112) + random.getrandbits(96)))
    return f"{random.randint(128, 223)}." + ".".join(str(random.randint(0, 255)) for _ in range(3))


def _phone(random: Random) -> str:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    while True:
        example = phonenumbers.example_number_for_type(random.choice(REGIONS), random.choice(kinds))
        assert example is not None
        national = str(example.national_number)
        number = phonenumbers.PhoneNumber(
            country_code=example.country_code,
            national_number=int(national[:-4] + _digits(random, 4)),
            italian_leading_zero=example.italian_leading_zero,
        )
        if phonenumbers.is_valid_number(number):
            break
    forms = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, random.choice((forms.NATIONAL, forms.INTERNATIONAL, forms.E164))
    )


def _order(random: Random) -> str:
    sentence = random.choice(("Order number {}", "order #{}", "Invoice no. {}", "Ref: {}", "ticket {}"))
    number = random.choice(
        (
            _digits(random, random.choice((6, 7, 8, 10))),
            f"{_digits(random, 3)}-{_digits(random, 7)}-{_digits(random, 7)}",
            _letters(random, 2) + _digits(random, 7),
        )
    )
    return sentence.format(number)


def _date_text(random: Random) -> str:
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1950, 2029)
    form = random.choice(
        ("{0:02}.{1:02}.{2}", "{1}/{0}/{2}", "{2}-{1:02}-{0:02}", "{0:02}-{1:02}-{2}", "{0} {1} {2}")
    )
    return random.choice(("on {}", "{}", "call me on {}", "born {}")).format(form.format(day, month, year))


def _amount(random: Random) -> str:
    thousands = f"{random.randint(1, 999)},{_digits(random, 3)}"
    return random.choice(("${}.00", "EUR {}", "a total of {},000")).format(thousands)


_NEGATIVES: Mapping[str, Callable[[Random], str]] = {
    "order": _order,
    "version": lambda r: (
        f"version {r.randint(0, 20)}.{r.randint(0, 40)}.{r.randint(0, 40)}.{r.randint(0, 9999)}"
    ),
    "timestamp": lambda r: r.choice(("at {}", "{}")).format(r.randint(1_500_000_000, 1_899_999_999)),
    "milliseconds": lambda r: str(r.randint(1_500_000_000_000, 1_899_999_999_999)),
    "iso time": lambda r: (
        f"20{r.randint(10, 29)}-0{r.randint(1, 9)}-{r.randint(10, 28)}T1{r.randint(0, 9)}:30:00Z"
    ),
    "date": _date_text,
    "coordinates": lambda r: f"{r.uniform(-90, 90):.6f}, {r.uniform(-180, 180):.7f}",
    "parcel": lambda r: f"1Z{_letters(r, 3)}{_digits(r, 13)}",
    "postal parcel": lambda r: f"94{_digits(r, 20)}",
    "thirty digits": lambda r: _digits(r, 30),
    "uuid": lambda r: str(uuid.UUID(int=r.getrandbits(128))),
    "commit": lambda r: f"commit {r.getrandbits(160):040x}",
    "hex": lambda r: f"0x{r.getrandbits(64):x}",
    "amount": _amount,
    "isbn": lambda r: f"ISBN 978-{_digits(r, 1)}-{_digits(r, 3)}-{_digits(r, 5)}-{_digits(r, 1)}",
    "table": lambda r: " ".join(str(r.randint(0, 99_999)) for _ in range(8)),
    "range": lambda r: (
        f"pages {r.randint(1, 200)}-{r.randint(201, 400)}, {r.randint(1900, 1999)}-{r.randint(2000, 2029)}"
    ),
    "clock": lambda r: f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}",
    "package": lambda r: f"npm install @types/node@{r.randint(1, 20)}.{r.randint(0, 9)}.{r.randint(0, 9)}",
    "picture": lambda r: f"icon-{r.randint(1, 99)}@2x.png",
    "scope": lambda r: f"std::vec::{_letters(r, 3).lower()}::{_letters(r, 2).lower()}",
}
"""What is looked like, and how it is made."""
