"""Identifiers of Africa and the Near East."""

from stdnum.il import idnr as israeli
from stdnum.tr import tckimlik, vkn
from stdnum.za import idnr as south_african

from guardrails.checks.pii.check_digits import has_four_digits
from guardrails.checks.pii.identifier import Identifier

AFRICA_NEAR_EAST = (
    Identifier(
        name="tr_kimlik",
        countries="TR",
        is_valid=tckimlik.is_valid,
        called_forms=(r"[1-9]\d{2} \d{3} \d{3} \d{2}", r"[1-9]\d{10}"),
        words=("kimlik", "t.c. kimlik", "tckn", "tc no", "turkish id", "kimlik numaras\u0131"),
    ),
    Identifier(
        name="tr_vkn",
        countries="TR",
        is_valid=vkn.is_valid,
        called_forms=(r"\d{10}",),
        words=("vkn", "vergi kimlik", "vergi numaras\u0131"),
    ),
    Identifier(
        name="il_id",
        countries="IL",
        is_valid=israeli.is_valid,
        called_forms=(r"\d{8} \d",),
        words=("teudat zehut", "israeli id", "תעודת זהות", "ת.ז"),
    ),
    Identifier(
        name="za_id",
        countries="ZA",
        is_valid=south_african.is_valid,
        called_forms=(r"\d{6} \d{4} \d{3}",),
        words=("id number", "identity number", "south african id", "rsa id", "sa id", "id no"),
    ),
    Identifier(
        name="ng_nin",
        countries="NG",
        is_valid=has_four_digits,
        called_forms=(r"\d{11}",),
        words=("nin", "national identification number"),
        score=0.7,
    ),
    Identifier(
        name="ng_bvn",
        countries="NG",
        is_valid=has_four_digits,
        called_forms=(r"22\d{9}",),
        words=("bvn", "bank verification number"),
        score=0.7,
    ),
)
"""By country; those of Nigeria have no check digits, and only their words tell."""
