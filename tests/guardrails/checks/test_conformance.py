"""Every check of ours, in many configurations, keeps the law."""

import pytest
from hypothesis import given, settings

from guardrails.check import Check
from guardrails.config import guardrail
from guardrails.conformance.law import assert_conforms
from guardrails.conformance.texts import TEXTS

CONFIGURATIONS: tuple[dict[str, object], ...] = (
    {"secrets": {}},
    {"secrets": {"rules": ["private_key"]}},
    {"secrets": {"rules": ["credential", "aws_secret_key"]}},
    {"secrets": {"rules": ["maintained"]}},
    {"pii": {}},
    {"pii": {"entities": ["email"]}},
    {"pii": {"entities": ["card"]}},
    {"pii": {"entities": ["iban"]}},
    {"pii": {"entities": ["us_ssn"]}},
    {"pii": {"entities": ["ip"]}},
    {"pii": {"entities": ["phone"]}},
    {"pii": {"entities": ["phone", "card"], "regions": ["CH", "HU", "SG"]}},
    {"pii": {"entities": ["all"]}},
    {"pii": {"entities": ["common", "documents", "devices"]}},
    {"pii": {"entities": ["national", "financial"], "regions": ["GB", "FR", "DE", "CN", "IT"]}},
    {"words": {"deny": ["bank", "new york", "new york city", "foo", "foo bar", "中文字", "bung los"]}},
    {"words": {"deny": ["bank", "bad"], "allow": ["river bank", "not bad", "中文"], "ignore_case": False}},
    {"words": {"deny": ["bank", "new york"], "name": "place", "replace": "?"}},
    {"words": {"allow": ["the", "call me", "new york", "river bank", "don't", "中文"]}},
    {"words": {"deny": ["Straße", "кошка", "a b", "e\u0301", "日 本", "٤٢", "...", "x 1 x"]}},
    {"regex": {"pattern": r"\d{3}"}},
    {"regex": {"pattern": ["bank", {"pattern": r"(\w+)@", "name": "at", "replace": "$1 $&"}]}},
    {"regex": {"pattern": [r"^the.*$", r"\bcard\b", "中文"], "ignore_case": True}},
    {"regex": {"pattern": r"^[^a]+$|\S+\.$", "per": "word"}},
    {"regex": {"pattern": [r"\A\S", r"x\z"], "per": "word"}},
    {"regex": {"pattern": r"(?s)call.*bank", "per": "text"}},
    {"regex": {"pattern": r"(?-m)^\w+ \w", "per": "line"}},
    {"urls": {}},
    {"urls": {"allow": ["example.com"], "images": [], "bare_hosts": True}},
    {"code": {}},
    {"code": {"deny": ["python"], "unfenced": False}},
    {"json": {}},
    {"json": {"where": "anywhere", "keys": ["a"], "schema": {"type": "object"}}},
    {"language": {"allow": ["de"], "unknown": "find", "min_letters": 3}},
    {"injection": {}},
    {"encoded": {}},
    {"encoded": {"rules": ["base64"], "min_chars": 8}},
    {"encoded": {"rules": ["escapes", "tags"], "min_chars": 1}},
    {"unicode": {}},
    {"unicode": {"rules": ["control", "homoglyph"]}},
    {"length": {"max_chars": 20}},
    {"length": {"min_chars": 30}},
    {"length": {"max_chars": 40, "min_chars": 10}},
    {"length": {"max_words": 3, "max_lines": 2}},
    {"length": {"min_words": 3, "max_bytes": 20, "min_sentences": 2}},
    {"length": {"min_bytes": 20, "min_lines": 2, "max_sentences": 1, "min_chars": 9}},
)


def build(item: dict[str, object]) -> Check:
    (check,) = guardrail("g", {"checks": [item], "action": "flag"}).checks
    assert isinstance(check, Check)
    return check


@pytest.mark.parametrize("item", CONFIGURATIONS, ids=str)
def test_a_check_keeps_the_law(item: dict[str, object]) -> None:
    check = build(item)

    @settings(max_examples=60, deadline=None)
    @given(text=TEXTS)
    def keeps_the_law(text: str) -> None:
        assert_conforms(check, text)

    keeps_the_law()
