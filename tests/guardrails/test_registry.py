"""Every kind of check can be asked for by its name. Those of other packages: tests/extension."""

import pytest

from guardrails.check import AnyCheck, RemoteCheck, RemoteExchangeCheck
from guardrails.config import ConfigError
from guardrails.registry import build_check, is_remote, known_checks
from tests.guardrails.remote.asked import Service

NEEDED: dict[str, dict[str, object]] = {
    "azure_content_safety": {"url": "http://azure"},
    "bedrock_guardrail": {"guardrail": "g", "version": "1", "region": "eu-west-1"},
    "canary": {"tokens": ["a-token-of-16-chars"]},
    "chat_guard": {"family": "llama-guard", "model": "@guards/llama"},
    "classifier": {"url": "http://classifier", "labels": ["bad"]},
    "counts": {"max_messages": 1},
    "default.addPrefix": {"prefix": "a"},
    "default.characterCount": {"minCharacters": 0, "maxCharacters": 9},
    "default.contains": {"words": ["a"]},
    "default.containsCode": {"format": "Python"},
    "default.endsWith": {"suffix": "a"},
    "default.jsonKeys": {"keys": ["a"]},
    "default.jsonSchema": {"schema": {}},
    "default.jwt": {"jwksUri": "https://issuer.example/"},
    "default.log": {"logURL": "https://log.example/"},
    "default.modelRules": {"rules": {}},
    "default.modelWhitelist": {"models": ["a"]},
    "default.regexMatch": {"rule": "a"},
    "default.regexReplace": {"rule": "a"},
    "default.requiredMetadataKeys": {"metadataKeys": ["a"]},
    "default.sentenceCount": {"minSentences": 0, "maxSentences": 9},
    "default.webhook": {"webhookURL": "http://hook"},
    "default.wordCount": {"minWords": 0, "maxWords": 9},
    "judge": {"model": "@guards/judge", "policy": "Nothing."},
    "language": {"allow": ["en"]},
    "length": {"max_chars": 1},
    "metadata": {"all": ["team"]},
    "models": {"allow": ["a"]},
    "presidio": {"url": "http://presidio"},
    "regex": {"pattern": "a"},
    "request_types": {"allow": ["chatComplete"]},
    "webhook": {"url": "http://hook"},
    "words": {"deny": ["a"]},
}
"""What must be said of each kind that needs something."""


@pytest.mark.parametrize("kind", known_checks())
def test_every_kind_says_its_own_name_and_keeps_its_port(kind: str) -> None:
    check = build_check(kind, NEEDED.get(kind, {}), "p", Service().services)
    assert isinstance(check, AnyCheck)
    assert check.kind == kind
    assert isinstance(check, RemoteCheck | RemoteExchangeCheck) is is_remote(kind)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"p: there is no such check; .* known are .*, pii, "):
        build_check("pi", {}, "p", None)
