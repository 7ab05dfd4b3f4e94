"""Identifiers of no country: of securities, banks, wallets and devices, and of documents of all countries."""

from phonenumbers import SUPPORTED_REGIONS
from stdnum import bic, imei, isin, lei

from guardrails.checks.pii.check_digits import has_four_digits, plain
from guardrails.checks.pii.identifier import Identifier
from guardrails.checks.pii.wallets import is_bitcoin_address, is_ethereum_address

_HEX = "[0-9A-Fa-f]"


def _is_bic(code: str) -> bool:
    """Form as in ISO 9362, of a country that there is (`stdnum` does not look)."""
    return code[4:6] in SUPPORTED_REGIONS and bool(bic.is_valid(code))


def _is_lei(code: str) -> bool:
    """Form and check digits of ISO 17442, and a letter where the numbers of parcels have none."""
    return not code[6:18].isdecimal() and bool(lei.is_valid(code))


def _is_mac(address: str) -> bool:
    """Any but the address of all devices and that of none (IEEE 802)."""
    digits = plain(address).lower()
    return digits not in {"0" * 12, "f" * 12} and any(map(str.isdecimal, digits))


def _is_uuid(code: str) -> bool:
    """Any but the nil and the max UUID (RFC 9562)."""
    return len(set(plain(code))) > 1


def _is_imei(number: str) -> bool:
    """15 digits with a check digit (3GPP TS 23.003), without the software version that may follow."""
    return bool(imei.is_valid(number))


FINANCIAL = (
    Identifier(
        name="lei",
        is_valid=_is_lei,
        forms=(r"[A-Z0-9]{18}\d{2}",),
    ),
    Identifier(
        name="isin",
        is_valid=isin.is_valid,
        forms=(r"[A-Z]{2}[A-Z0-9]{9}\d",),
    ),
    Identifier(
        name="bic",
        is_valid=_is_bic,
        called_forms=("(?-i:[A-Z]{6}[A-Z0-9]{5})", "(?-i:[A-Z]{6}[A-Z0-9]{2})"),
        words=("bic", "swift", "swift bic"),
    ),
    Identifier(
        name="bitcoin",
        is_valid=is_bitcoin_address,
        forms=("[13][1-9A-HJ-NP-Za-km-z]{25,34}", "bc1[02-9ac-hj-np-z]{11,71}", "BC1[02-9AC-HJ-NP-Z]{11,71}"),
        score=1.0,
    ),
    Identifier(
        name="ethereum",
        is_valid=is_ethereum_address,
        forms=("0x[0-9A-Fa-f]{40}",),
    ),
)
"""Of money: securities, companies, banks, wallets."""

DEVICES = (
    Identifier(
        name="mac",
        is_valid=_is_mac,
        forms=(
            f"{_HEX}{{2}}(?::{_HEX}{{2}}){{5}}",
            f"{_HEX}{{2}}(?:-{_HEX}{{2}}){{5}}",
            rf"{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}",
        ),
    ),
    Identifier(
        name="imei",
        is_valid=_is_imei,
        called_forms=(r"\d{2} \d{6} \d{6} \d",),
        words=("imei",),
    ),
    Identifier(
        name="uuid",
        is_valid=_is_uuid,
        forms=(f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",),
        score=0.5,
    ),
)
"""Of what people carry and use."""

DOCUMENTS = (
    Identifier(
        name="passport",
        is_valid=has_four_digits,
        called_forms=(r"[A-Z]{0,3}\d{6,9}", r"\d{2}[A-Z]{2}\d{5}", r"(?-i:[CFGHJK][CFGHJ-NPRTV-Z0-9]{8}\d?)"),
        words=(
            *("passport", "pasaporte", "passeport", "reisepass", "passaporto", "paspoort", "passaporte"),
            *("paszport", "passnummer", "pasaport", "pass nr"),
        ),
        score=0.7,
    ),
    Identifier(
        name="driving_licence",
        is_valid=has_four_digits,
        called_forms=(
            r"[A-Z]\d{3}-\d{4}-\d{4}",
            r"[A-Z]\d{3}-\d{3}-\d{2}-\d{3}-\d",
            r"(?-i:[A-Z9]{5}\d{6}[A-Z9]{2}[A-Z0-9]{3})",
            r"\d{2}-\d{3}-\d{3,4}",
            r"\d{4}-\d{2}-\d{4}",
            r"[A-Z]{0,3}\d{5,14}[A-Z]{0,2}\d?",
            r"(?-i:[A-Z0-9]{9,11})",
        ),
        words=(
            *("driver license", "drivers license", "driver's license", "driver\u2019s license"),
            *("driver licence", "drivers licence", "driver's licence", "driver\u2019s licence"),
            *("driving license", "driving licence"),
            *("permis de conduire", "führerschein", "führerscheinnummer", "permiso de conducir", "rijbewijs"),
            *("carnet de conducir", "patente di guida", "prawo jazdy", "carta de condução", "cnh"),
        ),
        score=0.7,
    ),
)
"""Without check digits: the words before them are all that tells."""
