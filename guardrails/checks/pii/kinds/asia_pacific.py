"""Identifiers of Asia and the Pacific."""

from stdnum.au import abn, acn, tfn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError
from stdnum.id import nik
from stdnum.in_ import aadhaar, epic, gstin, pan
from stdnum.jp import in_ as my_number
from stdnum.kr import rrn
from stdnum.my import nric
from stdnum.nz import ird
from stdnum.pk import cnic
from stdnum.th import pin

from guardrails.checks.pii.check_digits import (
    has_four_digits,
    is_au_medicare,
    is_hk_id,
    is_sg_nric,
    is_tw_id,
    plain,
)
from guardrails.checks.pii.identifier import Identifier


def _is_acn_or_abn(number: str) -> bool:
    return bool(acn.is_valid(number) if len(plain(number)) == _ACN_DIGITS else abn.is_valid(number))


_ACN_DIGITS = 9


def _is_ric(number: str) -> bool:
    """Date of birth and check digit; `stdnum` also asks where, and fails for counties that are no more."""
    compact = plain(number)
    try:
        ric.get_birth_date(compact)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(compact) == compact[-1])


ASIA_PACIFIC = (
    Identifier(
        name="in_aadhaar",
        countries="IN",
        is_valid=aadhaar.is_valid,
        called_forms=(r"[2-9]\d{3} \d{4} \d{4}",),
        words=("aadhaar", "aadhar", "uidai", "आधार"),
    ),
    Identifier(
        name="in_pan",
        countries="IN",
        is_valid=pan.is_valid,
        forms=(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]",),
    ),
    Identifier(
        name="in_gstin",
        countries="IN",
        is_valid=gstin.is_valid,
        forms=(r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]",),
    ),
    Identifier(
        name="in_voter",
        countries="IN",
        is_valid=epic.is_valid,
        called_forms=(r"[A-Z]{3}\d{7}",),
        words=("voter id", "epic", "voter card", "elector photo identity card"),
    ),
    Identifier(
        name="pk_cnic",
        countries="PK",
        is_valid=cnic.is_valid,
        called_forms=(r"\d{5} \d{7} \d",),
        words=("cnic", "nicop", "computerized national identity card"),
    ),
    Identifier(
        name="cn_ric",
        countries="CN",
        is_valid=_is_ric,
        forms=(r"[1-9]\d{5}(?:19|20)\d{9}[0-9X]",),
        called_forms=(r"[1-9]\d{5} \d{8} \d{3}[0-9X]",),
        words=("身份证", "身份證", "resident identity card", "chinese id"),
    ),
    Identifier(
        name="hk_hkid",
        countries="HK",
        is_valid=is_hk_id,
        forms=(r"[A-Z]{1,2}\d{6}\([0-9A]\)",),
        called_forms=(r"[A-Z]{1,2}\d{6}[0-9A]",),
        words=("hkid", "hong kong id", "hong kong identity card", "身份證"),
    ),
    Identifier(
        name="tw_id",
        countries="TW",
        is_valid=is_tw_id,
        called_forms=(r"[A-Z][1289]\d{8}",),
        words=("national id", "taiwan id", "taiwanese id", "身分證", "身份證"),
    ),
    Identifier(
        name="kr_rrn",
        countries="KR",
        is_valid=rrn.is_valid,
        forms=(r"\d{6}-[1-8]\d{6}",),
        called_forms=(r"\d{6} [1-8]\d{6}",),
        words=("rrn", "resident registration", "주민등록번호", "주민번호"),
    ),
    Identifier(
        name="jp_my_number",
        countries="JP",
        is_valid=my_number.is_valid,
        called_forms=(r"\d{4} \d{4} \d{4}",),
        words=("my number", "マイナンバー", "個人番号", "japanese individual number"),
    ),
    Identifier(
        name="sg_nric",
        countries="SG",
        is_valid=is_sg_nric,
        forms=(r"[STFGM]\d{7}[A-Z]",),
        called_forms=(r"[STFGM]\d{7}[A-Z]",),
        words=("nric", "fin"),
    ),
    Identifier(
        name="my_nric",
        countries="MY",
        is_valid=nric.is_valid,
        forms=(r"\d{6}-\d{2}-\d{4}",),
        called_forms=(r"\d{6} \d{2} \d{4}",),
        words=("mykad", "nric", "kad pengenalan"),
    ),
    Identifier(
        name="id_nik",
        countries="ID",
        is_valid=nik.is_valid,
        called_forms=(r"\d{16}",),
        words=("nik", "ktp", "nomor induk kependudukan"),
    ),
    Identifier(
        name="th_pin",
        countries="TH",
        is_valid=pin.is_valid,
        forms=(r"[1-8]-\d{4}-\d{5}-\d{2}-\d",),
        called_forms=(r"[1-8] \d{4} \d{5} \d{2} \d",),
        words=("national id", "thai id", "citizen id", "เลขประจำตัวประชาชน", "บัตรประชาชน"),
    ),
    Identifier(
        name="au_tfn",
        countries="AU",
        is_valid=tfn.is_valid,
        called_forms=(r"\d{3} \d{3} \d{3}", r"\d{3} \d{3} \d{2}"),
        words=("tfn", "tax file"),
    ),
    Identifier(
        name="au_abn",
        countries="AU",
        is_valid=_is_acn_or_abn,
        called_forms=(r"\d{2} \d{3} \d{3} \d{3}", r"\d{3} \d{3} \d{3}"),
        words=("abn", "australian business number", "acn", "australian company number"),
    ),
    Identifier(
        name="au_medicare",
        countries="AU",
        is_valid=is_au_medicare,
        called_forms=(r"[2-6]\d{3} \d{5} \d \d", r"[2-6]\d{3} \d{5} \d"),
        words=("medicare",),
    ),
    Identifier(
        name="nz_ird",
        countries="NZ",
        is_valid=ird.is_valid,
        called_forms=(r"\d{2,3} \d{3} \d{3}",),
        words=("ird", "inland revenue"),
    ),
    Identifier(
        name="ph_umid",
        countries="PH",
        is_valid=has_four_digits,
        called_forms=(r"\d{4}-?\d{7}-?\d",),
        words=("umid", "crn", "common reference number"),
        score=0.7,
    ),
    Identifier(
        name="ph_sss",
        countries="PH",
        is_valid=has_four_digits,
        called_forms=(r"\d{2}-?\d{7}-?\d",),
        words=("sss", "sss number"),
        score=0.7,
    ),
    Identifier(
        name="ph_philhealth",
        countries="PH",
        is_valid=has_four_digits,
        called_forms=(r"\d{2}-?\d{9}-?\d",),
        words=("philhealth", "phic"),
        score=0.7,
    ),
)
"""By country, from the west to the east and the south; those of the Philippines have no check digits."""
