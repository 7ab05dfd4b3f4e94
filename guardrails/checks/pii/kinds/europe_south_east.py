"""Identifiers of the south and east of Europe."""

from stdnum.bg import egn
from stdnum.cz import rc
from stdnum.es import cif, dni, nie
from stdnum.gr import amka
from stdnum.gr import vat as afm
from stdnum.hr import oib
from stdnum.it import codicefiscale, iva
from stdnum.pl import nip, pesel
from stdnum.pt import cc
from stdnum.pt import nif as pt_nif
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.si import emso
from stdnum.ua import rntrc

from guardrails.checks.pii.check_digits import is_hu_taj, is_hu_tax_id, is_pl_identity_card, is_ru_snils
from guardrails.checks.pii.identifier import Identifier

EUROPE_SOUTH_EAST = (
    Identifier(
        name="pt_nif",
        countries="PT",
        is_valid=pt_nif.is_valid,
        called_forms=(r"[1-9]\d{2} \d{3} \d{3}",),
        words=("nif", "contribuinte", "número de identificação fiscal", "identificação fiscal"),
    ),
    Identifier(
        name="pt_cc",
        countries="PT",
        is_valid=cc.is_valid,
        called_forms=(r"\d{8} \d [0-9A-Z]{2}\d",),
        words=("cartão de cidadão", "cartao de cidadao", "citizen card"),
    ),
    Identifier(
        name="es_dni",
        countries="ES",
        is_valid=dni.is_valid,
        forms=(r"\d{8}-?[A-HJ-NP-TV-Z]",),
        called_forms=(r"\d{2} \d{3} \d{3} [A-HJ-NP-TV-Z]",),
        words=("dni", "nif", "documento nacional de identidad"),
    ),
    Identifier(
        name="es_nie",
        countries="ES",
        is_valid=nie.is_valid,
        forms=(r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]",),
        called_forms=(r"[XYZ] \d{7} [A-HJ-NP-TV-Z]",),
        words=("nie", "número de identidad de extranjero"),
    ),
    Identifier(
        name="es_cif",
        countries="ES",
        is_valid=cif.is_valid,
        called_forms=(r"[A-HJNPQRSUVW] \d{7} [0-9A-J]",),
        words=("cif", "código de identificación fiscal"),
    ),
    Identifier(
        name="it_codice_fiscale",
        countries="IT",
        is_valid=codicefiscale.is_valid,
        forms=(
            r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]",
            r"[a-z]{6}[0-9]{2}[a-ehlmprst][0-9]{2}[a-z][0-9]{3}[a-z]",
        ),
        called_forms=(
            r"[A-Z]{3} [A-Z]{3} [0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2} [A-Z][0-9LMNP-V]{3}[A-Z]",
        ),
        words=("codice fiscale", "cf"),
        score=1.0,
    ),
    Identifier(
        name="it_partita_iva",
        countries="IT",
        is_valid=iva.is_valid,
        called_forms=(r"\d{11}",),
        words=("partita iva", "p. iva", "p.iva", "piva"),
    ),
    Identifier(
        name="gr_amka",
        countries="GR",
        is_valid=amka.is_valid,
        called_forms=(r"[0-3]\d{5} \d{5}",),
        words=("amka", "\u03b1\u03bc\u03ba\u03b1"),
    ),
    Identifier(
        name="gr_afm",
        countries="GR",
        is_valid=afm.is_valid,
        called_forms=(r"\d{9}",),
        words=("afm", "\u03b1\u03c6\u03bc"),
    ),
    Identifier(
        name="pl_pesel",
        countries="PL",
        is_valid=pesel.is_valid,
        called_forms=(r"\d{11}",),
        words=("pesel",),
    ),
    Identifier(
        name="pl_nip",
        countries="PL",
        is_valid=nip.is_valid,
        called_forms=(r"\d{3} \d{3} \d{2} \d{2}", r"\d{3} \d{2} \d{2} \d{3}"),
        words=("nip",),
    ),
    Identifier(
        name="pl_identity_card",
        countries="PL",
        is_valid=is_pl_identity_card,
        called_forms=(r"[A-Z]{3} \d{6}",),
        words=("dowód osobisty", "dowodu osobistego", "dowód", "polish id"),
    ),
    Identifier(
        name="cz_rc",
        countries="CZ SK",
        is_valid=rc.is_valid,
        forms=(r"\d{6}/\d{4}",),
        called_forms=(r"\d{6} \d{3,4}",),
        words=("rodné číslo", "rodne cislo", "rč", "r.č.", "birth number"),
    ),
    Identifier(
        name="hu_taj",
        countries="HU",
        is_valid=is_hu_taj,
        called_forms=(r"\d{3} \d{3} \d{3}",),
        words=("taj", "taj szám", "társadalombiztosítási azonosító"),
    ),
    Identifier(
        name="hu_tax_id",
        countries="HU",
        is_valid=is_hu_tax_id,
        called_forms=(r"8\d{9}",),
        words=("adóazonosító jel", "adóazonosító", "adóazonosítója"),
    ),
    Identifier(
        name="si_emso",
        countries="SI HR BA RS ME MK",
        is_valid=emso.is_valid,
        called_forms=(r"[0-3]\d[01]\d{10}",),
        words=("emšo", "emso", "jmbg"),
    ),
    Identifier(
        name="hr_oib",
        countries="HR",
        is_valid=oib.is_valid,
        called_forms=(r"\d{11}",),
        words=("oib", "osobni identifikacijski broj"),
    ),
    Identifier(
        name="ro_cnp",
        countries="RO",
        is_valid=cnp.is_valid,
        called_forms=(r"[1-9]\d{12}",),
        words=("cnp", "cod numeric personal"),
    ),
    Identifier(
        name="bg_egn",
        countries="BG",
        is_valid=egn.is_valid,
        called_forms=(r"\d{10}",),
        words=("egn", "егн", "единен граждански номер"),
    ),
    Identifier(
        name="ua_rntrc",
        countries="UA",
        is_valid=rntrc.is_valid,
        called_forms=(r"\d{10}",),
        words=("рнокпп", "іпн", "rnokpp", "rntrc"),
    ),
    Identifier(
        name="ru_snils",
        countries="RU",
        is_valid=is_ru_snils,
        forms=(r"\d{3}-\d{3}-\d{3}-\d{2}",),
        called_forms=(r"\d{3} \d{3} \d{3} \d{2}",),
        words=("snils", "снилс"),
    ),
    Identifier(
        name="ru_inn",
        countries="RU",
        is_valid=inn.is_valid,
        called_forms=(r"\d{12}", r"\d{10}"),
        words=("inn", "инн"),
    ),
)
"""By country, from the south-west to the north-east."""
