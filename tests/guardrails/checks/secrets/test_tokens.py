"""Credentials with a form of their own. The values are made up, and put together lest scanners object."""

import pytest

from guardrails.checks.patterns import PatternSet, compiled
from guardrails.checks.secrets.check import RULE_NAMES, RULES
from guardrails.checks.secrets.more_tokens import MORE_TOKENS
from guardrails.checks.secrets.tokens import TOKENS
from tests.guardrails.checks.finding import built, found

LETTERS = "aZ3kQ9wXv7LmN2pR"
HEX = "0a9b8c7d6e5f4a3b"
UPPER = "Q7RT2XN5KD8WVB4M"

EXAMPLES = {
    "aws_access_key": "AKIA" + UPPER,
    "github_token": "ghp_" + (LETTERS * 3)[:36],
    "gitlab_token": "glpat-" + (LETTERS * 2)[:20],
    "anthropic_key": "sk-ant-api03-" + (LETTERS * 6)[:95],
    "openai_key": "sk-proj-" + (LETTERS * 4)[:48],
    "openrouter_key": "sk-or-v1-" + HEX * 4,
    "slack_token": "xoxb-" + "23984754863-2348975623000-" + LETTERS,
    "slack_webhook": "https://hooks.slack.com/services/T11111AA/BAAAA111A/" + LETTERS,
    "stripe_key": "sk_live_" + (LETTERS * 2)[:24],
    "google_api_key": "AIza" + (LETTERS * 3)[:35],
    "google_oauth_secret": "GOCSPX-" + (LETTERS * 2)[:28],
    "npm_token": "npm_" + (LETTERS * 3)[:36],
    "pypi_token": "pypi-AgEIcHlwaS5vcmc" + LETTERS * 4,
    "huggingface_token": "hf_" + "aZkQwXvLmNpRsTuVyBcDeFgHiJkLoPqRsT",
    "sendgrid_key": "SG." + (LETTERS * 2)[:22] + "." + (LETTERS * 3)[:43],
    "twilio_key": "SK" + HEX * 2,
    "telegram_token": "123456789:AA" + (LETTERS * 3)[:33],
    "azure_storage_key": "AccountKey=" + (LETTERS * 6)[:86] + "==",
    "azure_client_secret": "abc8Q~" + (LETTERS * 3)[:34],
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + (LETTERS * 3)[:43],
    "onepassword_token": "ops_eyJ" + LETTERS * 15,
    "shopify_token": "shpat_" + HEX * 2,
    "linear_key": "lin_api_" + (LETTERS * 3)[:40],
    "digitalocean_token": "dop_v1_" + HEX * 4,
    "mailgun_key": "key-" + HEX * 2,
    "databricks_token": "dapi" + HEX * 2,
    "vault_token": "hvs." + LETTERS * 6,
    "docker_token": "dckr_pat_" + (LETTERS * 2)[:27],
    "cloudflare_token": "cfut_" + (LETTERS * 3)[:40] + HEX[:8],
    "grafana_token": "glsa_" + LETTERS * 2 + "_" + HEX[:8],
    "notion_token": "ntn_12345678901" + (LETTERS * 3)[:35],
    "vercel_token": "vcp_" + LETTERS * 2,
    "google_oauth_token": "ya29." + LETTERS * 6,
    "discord_token": "MT" + (LETTERS * 2)[:24] + ".G" + LETTERS[:5] + "." + (LETTERS * 3)[:38],
    "new_relic_key": "NRAK-" + (UPPER * 2)[:27],
    "planetscale_token": "pscale_tkn_" + (LETTERS * 3)[:43],
    "square_secret": "sq0csp-" + (LETTERS * 3)[:43],
    "firebase_key": "AAAA" + LETTERS[:7] + ":APA91b" + (LETTERS * 9)[:134],
    "mailchimp_key": HEX * 2 + "-us12",
    "mapbox_secret": "sk.eyJ1Ijoi" + LETTERS * 4 + "." + (LETTERS * 2)[:22],
    "azure_sas": "sig=" + (LETTERS * 3)[:43] + "%3D",
    "fly_token": "fm2_" + LETTERS * 6,
    "render_key": "rnd_" + LETTERS * 2,
    "resend_key": "re_" + LETTERS[:8] + "_" + (LETTERS * 2)[:24],
    "model_service_key": "tvly-" + LETTERS * 2,
    "langfuse_key": "sk-lf-" + f"{HEX[:8]}-{HEX[:4]}-{HEX[:4]}-{HEX[:4]}-{HEX[:12]}",
    "supabase_key": "sb_secret_" + (LETTERS * 2)[:31],
    "artifactory_token": "AKCp" + (LETTERS * 5)[:69],
    "mongodb_atlas_secret": "mdb_sa_sk_" + (LETTERS * 3)[:40],
    "packagist_token": "packagist_out_" + (HEX * 5)[:68],
    "canva_secret": "cnvca" + (LETTERS * 4)[:51],
    "ramp_secret": "ramp_sec_" + LETTERS * 3,
    "aikido_secret": "AIK_SECRET_" + LETTERS * 4,
    "figma_token": "figd_" + (LETTERS * 3)[:40],
    "tailscale_key": "tskey-api-" + LETTERS[:12] + "-" + LETTERS * 2,
}


def test_every_rule_has_an_example() -> None:
    assert set(EXAMPLES) == {rule.name for rule in (*TOKENS, *MORE_TOKENS)}
    assert len(RULE_NAMES) == len(set(RULE_NAMES))


@pytest.mark.parametrize(("rule", "token"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_token_is_found_wherever_it_stands(rule: str, token: str) -> None:
    value = token.removeprefix("AccountKey=").removeprefix("sig=")
    check = built("secrets")
    for text in ("{}", "use {} now", "KEY={}\n", '{{"key": "{}"}}', "中文{}。", "export X='{}';", "({})"):
        assert (rule, value) in found(check, text.format(token)), text


@pytest.mark.parametrize(("rule", "token"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_piece_of_a_token_and_a_token_inside_of_a_word_are_none(rule: str, token: str) -> None:
    check = built("secrets", {"rules": [rule]})
    assert found(check, token[: len(token) // 4]) == []
    if rule not in {"slack_webhook", "azure_storage_key"}:
        assert found(check, "x" + token) == []


def test_every_rule_names_its_source() -> None:
    assert all(rule.source for rule in RULES)


@pytest.mark.parametrize("kind", ["gho", "ghu", "ghs", "ghr"])
def test_all_kinds_of_github_tokens_are_one_rule(kind: str) -> None:
    assert found(built("secrets"), f"{kind}_{(LETTERS * 3)[:36]}")[0][0] == "github_token"


@pytest.mark.parametrize(
    "text",
    [
        "claude-3-opus-20240229",
        "sk-openai-123456",
        "task-force and risk-free",
        "pk_live_" + LETTERS * 2,
        "hf_hub_download",
        "npm_config_registry",
        "key-value-store",
        "https://api.slack.com/web",
        "SG.short.key",
        "4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7",
        "123e4567-e89b-12d3-a456-426614174000",
        "AKIAshort",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "sk-proj-YOUR_KEY_HERE_" + LETTERS,
        "hf_" + "X" * 34,
        "eyJhbGciOiJIUzI1NiJ9",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert found(built("secrets"), text) == []


def test_triggers_are_small_and_match_what_their_rules_match() -> None:
    for rule in RULES:
        token = EXAMPLES.get(rule.name)
        if token and compiled(rule.pattern).search(token):
            assert compiled(rule.trigger).search(token), rule.name
    assert PatternSet([rule.trigger for rule in RULES]).hits("nothing to see") == frozenset()
