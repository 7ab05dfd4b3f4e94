"""Portkey's ids, and what builds the check of each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from guardrails.check import AnyCheck
from guardrails.portkey import (
    code,
    counting,
    json_verdicts,
    log,
    prefixing,
    replacing,
    requests,
    tokens,
    urls,
    webhook,
    wording,
)
from guardrails.remote.service import Services

PORTKEY_CHECKS: Mapping[str, Callable[[object, str], AnyCheck]] = MappingProxyType(
    {
        "default.addPrefix": prefixing.add_prefix,
        "default.alllowercase": wording.all_lowercase,
        "default.alluppercase": wording.all_uppercase,
        "default.allowedRequestTypes": requests.allowed_request_types,
        "default.characterCount": counting.character_count,
        "default.contains": wording.contains,
        "default.containsCode": code.contains_code,
        "default.endsWith": wording.ends_with,
        "default.jsonKeys": json_verdicts.json_keys,
        "default.jsonSchema": json_verdicts.json_schema,
        "default.modelRules": requests.model_rules,
        "default.modelWhitelist": requests.model_whitelist,
        "default.notNull": wording.not_null,
        "default.regexMatch": wording.regex_match,
        "default.regexReplace": replacing.regex_replace,
        "default.requiredMetadataKeys": requests.required_metadata_keys,
        "default.sentenceCount": counting.sentence_count,
        "default.wordCount": counting.word_count,
    }
)

PORTKEY_REMOTE_CHECKS: Mapping[str, Callable[[object, str, Services], AnyCheck]] = MappingProxyType(
    {
        "default.jwt": tokens.json_web_token,
        "default.log": log.log,
        "default.validUrls": urls.valid_urls,
        "default.webhook": webhook.webhook,
    }
)
"""Those that ask another service."""
