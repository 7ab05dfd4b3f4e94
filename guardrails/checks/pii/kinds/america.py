"""Identifiers of the Americas. That of the United States' social security has an entity of its own."""

from stdnum.ar import cuit, dni
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.do import cedula
from stdnum.ec import ci
from stdnum.mx import curp, rfc
from stdnum.us import atin, ein, itin, ptin, rtn

from guardrails.checks.pii.check_digits import has_four_digits, is_us_npi
from guardrails.checks.pii.identifier import Identifier

_MBI_LETTER = "[AC-HJKMNP-RT-Y]"
_MBI_EITHER = "[0-9AC-HJKMNP-RT-Y]"
"""Of a Medicare beneficiary identifier: no S, L, O, I, B, Z (CMS, MBI format, 2019)."""

AMERICA = (
    Identifier(
        name="us_itin",
        countries="US",
        is_valid=itin.is_valid,
        forms=(r"9\d{2}-[5-9]\d-\d{4}",),
        called_forms=(r"9\d{2} [5-9]\d \d{4}",),
        words=("itin", "individual taxpayer identification", "taxpayer identification number", "tax id"),
    ),
    Identifier(
        name="us_atin",
        countries="US",
        is_valid=atin.is_valid,
        called_forms=(r"9\d{2} 93 \d{4}",),
        words=("atin", "adoption taxpayer identification"),
    ),
    Identifier(
        name="us_ptin",
        countries="US",
        is_valid=ptin.is_valid,
        called_forms=(r"P\d{8}",),
        words=("ptin", "preparer tax identification"),
    ),
    Identifier(
        name="us_ein",
        countries="US",
        is_valid=ein.is_valid,
        called_forms=(r"\d{2} \d{7}",),
        words=("ein", "fein", "employer identification", "federal tax id", "employer id", "tax id"),
    ),
    Identifier(
        name="us_routing",
        countries="US",
        is_valid=rtn.is_valid,
        called_forms=(r"\d{4} \d{4} \d",),
        words=("routing", "routing number", "aba", "rtn", "routing transit"),
    ),
    Identifier(
        name="us_npi",
        countries="US",
        is_valid=is_us_npi,
        called_forms=(r"[12]\d{9}",),
        words=("npi", "national provider identifier", "national provider id"),
    ),
    Identifier(
        name="us_mbi",
        countries="US",
        is_valid=has_four_digits,
        forms=(
            f"[1-9]{_MBI_LETTER}{_MBI_EITHER}\\d-{_MBI_LETTER}{_MBI_EITHER}\\d-{_MBI_LETTER}{{2}}\\d{{2}}",
        ),
        called_forms=(
            f"[1-9]{_MBI_LETTER}{_MBI_EITHER}\\d {_MBI_LETTER}{_MBI_EITHER}\\d {_MBI_LETTER}{{2}}\\d{{2}}",
        ),
        words=("mbi", "medicare"),
    ),
    Identifier(
        name="ca_sin",
        countries="CA",
        is_valid=sin.is_valid,
        called_forms=(r"\d{3} \d{3} \d{3}",),
        words=("sin", "social insurance", "numéro d'assurance sociale", "nas"),
    ),
    Identifier(
        name="br_cpf",
        countries="BR",
        is_valid=cpf.is_valid,
        forms=(r"\d{3}\.\d{3}\.\d{3}-\d{2}",),
        called_forms=(r"\d{3} \d{3} \d{3} \d{2}",),
        words=("cpf", "cadastro de pessoas físicas"),
    ),
    Identifier(
        name="br_cnpj",
        countries="BR",
        is_valid=cnpj.is_valid,
        forms=(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}",),
        called_forms=(r"\d{2} \d{3} \d{3} \d{4} \d{2}",),
        words=("cnpj",),
    ),
    Identifier(
        name="mx_curp",
        countries="MX",
        is_valid=curp.is_valid,
        forms=(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d",),
    ),
    Identifier(
        name="mx_rfc",
        countries="MX",
        is_valid=rfc.is_valid,
        forms=(r"[A-Z]{4}\d{6}[0-9A-Z]{2}[0-9A]",),
        called_forms=(r"[A-Z&Ñ]{3,4}\d{6}[0-9A-Z]{2}[0-9A]",),
        words=("rfc", "registro federal de contribuyentes"),
    ),
    Identifier(
        name="ar_dni",
        countries="AR",
        is_valid=dni.is_valid,
        called_forms=(r"\d{2} \d{3} \d{3}",),
        words=("dni", "documento nacional de identidad"),
        score=0.7,
    ),
    Identifier(
        name="ar_cuit",
        countries="AR",
        is_valid=cuit.is_valid,
        forms=(r"[23]\d-\d{8}-\d",),
        called_forms=(r"\d{2} \d{8} \d",),
        words=("cuit", "cuil"),
    ),
    Identifier(
        name="cl_rut",
        countries="CL",
        is_valid=rut.is_valid,
        forms=(r"\d{1,2}\.\d{3}\.\d{3}-[0-9Kk]",),
        called_forms=(r"\d{1,2} \d{3} \d{3} [0-9K]",),
        words=("rut", "rol único tributario", "rol único nacional"),
    ),
    Identifier(
        name="co_nit",
        countries="CO",
        is_valid=nit.is_valid,
        called_forms=(r"\d{3} \d{3} \d{3} \d",),
        words=("nit",),
    ),
    Identifier(
        name="do_cedula",
        countries="DO",
        is_valid=cedula.is_valid,
        called_forms=(r"\d{3} \d{7} \d",),
        words=("cédula", "cedula"),
    ),
    Identifier(
        name="ec_ci",
        countries="EC",
        is_valid=ci.is_valid,
        called_forms=(r"\d{9} \d",),
        words=("cédula", "cedula", "cédula de identidad"),
    ),
)
"""By country, from the north to the south."""
