"""Identifiers of the north and west of Europe."""

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.fr import nif, nir, siren, siret
from stdnum.gb import nhs, utr
from stdnum.ie import pps
from stdnum.is_ import kennitala
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

from guardrails.checks.pii.check_digits import (
    has_four_digits,
    is_de_identity_card,
    is_de_pension_number,
    is_gb_nino,
    is_lu_matricule,
    plain,
)
from guardrails.checks.pii.identifier import Identifier


def _is_personnummer(number: str) -> bool:
    """As `stdnum`, which asks for the sign before the last four digits."""
    digits = plain(number)
    return bool(personnummer.is_valid(number if "+" in number else f"{digits[:-4]}-{digits[-4:]}"))


EUROPE_NORTH_WEST = (
    Identifier(
        name="gb_nhs",
        countries="GB",
        is_valid=nhs.is_valid,
        called_forms=(r"\d{3} \d{3} \d{4}",),
        words=("nhs", "national health service"),
    ),
    Identifier(
        name="gb_nino",
        countries="GB",
        is_valid=is_gb_nino,
        forms=(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} \d{2} \d{2} [A-D]",),
        called_forms=(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} \d{2} \d{2} [A-D]",),
        words=("nino", "national insurance", "ni number", "ni no"),
    ),
    Identifier(
        name="gb_utr",
        countries="GB",
        is_valid=utr.is_valid,
        called_forms=(r"\d{5} \d{5}",),
        words=("utr", "unique taxpayer reference", "self assessment"),
    ),
    Identifier(
        name="gb_driving_licence",
        countries="GB",
        is_valid=has_four_digits,
        forms=(r"[A-Z]{1,5}9{0,4}\d[0156]\d(?:0[1-9]|[12]\d|3[01])\d[A-Z][A-Z9][0-9A-Z][A-Z]{2}",),
    ),
    Identifier(
        name="ie_pps",
        countries="IE",
        is_valid=pps.is_valid,
        called_forms=(r"\d{7}[A-W][A-IW]?",),
        words=("pps", "ppsn", "personal public service"),
    ),
    Identifier(
        name="fr_nir",
        countries="FR",
        is_valid=nir.is_valid,
        forms=(r"[12] \d{2} \d{2} (?:\d{2}|2[AB]) \d{3} \d{3} \d{2}",),
        called_forms=(r"[1-478] \d{2} \d{2} (?:\d{2}|2[AB]) \d{3} \d{3} \d{2}",),
        words=("nir", "sécurité sociale", "securite sociale", "numéro de sécu", "insee"),
    ),
    Identifier(
        name="fr_nif",
        countries="FR",
        is_valid=nif.is_valid,
        called_forms=(r"[0-3]\d \d{2} \d{3} \d{3} \d{3}",),
        words=("numéro fiscal", "numero fiscal", "spi", "référence fiscale"),
    ),
    Identifier(
        name="fr_siret",
        countries="FR",
        is_valid=siret.is_valid,
        called_forms=(r"\d{3} \d{3} \d{3} \d{5}",),
        words=("siret",),
    ),
    Identifier(
        name="fr_siren",
        countries="FR",
        is_valid=siren.is_valid,
        called_forms=(r"\d{3} \d{3} \d{3}",),
        words=("siren",),
    ),
    Identifier(
        name="de_idnr",
        countries="DE",
        is_valid=idnr.is_valid,
        called_forms=(r"[1-9]\d \d{3} \d{3} \d{3}",),
        words=(
            *("steuer id", "steueridentifikationsnummer", "identifikationsnummer", "idnr", "steuer idnr"),
            *("tax id", "tax identification number", "steuerliche identifikationsnummer"),
        ),
    ),
    Identifier(
        name="de_pension",
        countries="DE",
        is_valid=is_de_pension_number,
        forms=(r"\d{2} (?:0[1-9]|[1-8]\d)(?:0[1-9]|1[0-2])\d{2} [A-Z] \d{3}",),
    ),
    Identifier(
        name="de_identity_card",
        countries="DE",
        is_valid=is_de_identity_card,
        called_forms=(r"(?-i:[LMNPRTVWXY][CFGHJ-NPRTV-Z0-9]{8}\d?)", r"\d{10}"),
        words=("personalausweis", "personalausweisnummer", "ausweisnummer", "ausweis nr", "german id"),
    ),
    Identifier(
        name="at_svnr",
        countries="AT",
        is_valid=vnr.is_valid,
        called_forms=(r"[1-9]\d{3} \d{6}",),
        words=("svnr", "sv nummer", "sozialversicherungsnummer", "versicherungsnummer"),
    ),
    Identifier(
        name="ch_ahv",
        countries="CH LI",
        is_valid=ahv.is_valid,
        forms=(r"756\.\d{4}\.\d{4}\.\d{2}",),
        called_forms=(r"756 \d{4} \d{4} \d{2}",),
        words=("ahv", "avs", "oasi", "ahv nummer", "navs", "sozialversicherungsnummer", "social security"),
    ),
    Identifier(
        name="nl_bsn",
        countries="NL",
        is_valid=bsn.is_valid,
        called_forms=(r"\d{4} \d{2} \d{3}", r"\d{3} \d{3} \d{3}"),
        words=("bsn", "burgerservicenummer", "sofinummer", "citizen service number"),
    ),
    Identifier(
        name="be_nn",
        countries="BE",
        is_valid=nn.is_valid,
        forms=(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}",),
        called_forms=(r"\d{2} \d{2} \d{2} \d{3} \d{2}",),
        words=(
            *("rijksregisternummer", "rijksregister", "registre national", "national register"),
            *("insz", "niss", "nationaal nummer"),
        ),
    ),
    Identifier(
        name="lu_matricule",
        countries="LU",
        is_valid=is_lu_matricule,
        called_forms=(r"[12]\d{3} \d{2} \d{2} \d{3} \d{2}",),
        words=("matricule", "numéro national"),
    ),
    Identifier(
        name="se_personnummer",
        countries="SE",
        is_valid=_is_personnummer,
        forms=(r"(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]\d{4}",),
        called_forms=(r"(?:19|20)\d{6} \d{4}", r"\d{6} \d{4}"),
        words=("personnummer", "samordningsnummer", "swedish personal number", "swedish personal identity"),
    ),
    Identifier(
        name="fi_hetu",
        countries="FI",
        is_valid=hetu.is_valid,
        forms=(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]",),
    ),
    Identifier(
        name="dk_cpr",
        countries="DK",
        is_valid=cpr.is_valid,
        called_forms=(r"[0-3]\d[01]\d{3} \d{4}",),
        words=("cpr", "personnummer", "cpr nummer", "cpr nr"),
    ),
    Identifier(
        name="no_fodselsnummer",
        countries="NO",
        is_valid=fodselsnummer.is_valid,
        called_forms=(r"\d{6} \d{5}",),
        words=("fødselsnummer", "fodselsnummer", "personnummer", "fnr", "d nummer", "norwegian id"),
    ),
    Identifier(
        name="is_kennitala",
        countries="IS",
        is_valid=kennitala.is_valid,
        called_forms=(r"\d{6} \d{4}",),
        words=("kennitala", "kt"),
    ),
    Identifier(
        name="ee_ik",
        countries="EE",
        is_valid=ik.is_valid,
        called_forms=(r"[1-8]\d{10}",),
        words=("isikukood", "estonian personal code", "personal identification code"),
    ),
    Identifier(
        name="lv_pk",
        countries="LV",
        is_valid=pvn.is_valid,
        called_forms=(r"[0-3]\d{5} \d{5}",),
        words=("personas kods", "latvian personal code", "pk"),
    ),
    Identifier(
        name="lt_ak",
        countries="LT",
        is_valid=asmens.is_valid,
        called_forms=(r"[1-9]\d{10}",),
        words=("asmens kodas", "lithuanian personal code"),
    ),
)
"""By country, from the west to the north-east."""
