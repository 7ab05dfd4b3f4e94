r"""More credentials with a form of their own: of sessions, of smaller issuers, of services that models use.

As in `tokens.py`; the rules that others maintain know none of these by their form alone.
"""

from guardrails.checks.secrets.rule import Rule

_END = r"(?:[^0-9A-Za-z_-]|\z)"

MORE_TOKENS = (
    Rule(
        name="google_oauth_token",
        trigger=r"\bya29\.[0-9A-Za-z_-]{4}|\b1//0[0-9A-Za-z_-]{4}",
        pattern=r"\b(ya29\.[0-9A-Za-z_.-]{40,}|1//0[0-9A-Za-z_-]{40,})",
        source="developers.google.com/identity/protocols/oauth2, access and refresh tokens",
    ),
    Rule(
        name="discord_token",
        trigger=r"[0-9A-Za-z_-]\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{4}",
        pattern=rf"\b([MNO][0-9A-Za-z_-]{{23,27}}\.[0-9A-Za-z_-]{{6}}\.[0-9A-Za-z_-]{{27,40}}){_END}",
        source="discord.com/developers/docs/reference#authentication: user id, time, signature in base64url",
    ),
    Rule(
        name="new_relic_key",
        trigger=r"\bNRAK-[0-9A-Z]{4}",
        pattern=r"\b(NRAK-[0-9A-Z]{27})\b",
        source="docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys",
    ),
    Rule(
        name="planetscale_token",
        trigger=r"\bpscale_(?:tkn|pw|oauth)_[0-9A-Za-z]",
        pattern=r"\b(pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_.-]{32,64})",
        source="planetscale.com/docs/api/reference/service-tokens",
    ),
    Rule(
        name="square_secret",
        trigger=r"\bsq0csp-[0-9A-Za-z_-]{4}",
        pattern=rf"\b(sq0csp-[0-9A-Za-z_-]{{43}}){_END}",
        source="developer.squareup.com/docs/oauth-api/overview",
    ),
    Rule(
        name="firebase_key",
        trigger=r":APA91b[0-9A-Za-z_-]",
        pattern=rf"\b(AAAA[0-9A-Za-z_-]{{7}}:APA91b[0-9A-Za-z_-]{{120,160}}){_END}",
        source="firebase.google.com/docs/cloud-messaging, server keys",
    ),
    Rule(
        name="mailchimp_key",
        trigger=r"[0-9a-f]{8}-us\d",
        pattern=r"\b([0-9a-f]{32}-us\d{1,2})\b",
        source="mailchimp.com/developer/marketing/guides/quick-start",
    ),
    Rule(
        name="mapbox_secret",
        trigger=r"\bsk\.eyJ[0-9A-Za-z]",
        pattern=rf"\b(sk\.eyJ[0-9A-Za-z_-]{{40,}}\.[0-9A-Za-z_-]{{20,24}}){_END}",
        source="docs.mapbox.com/help/getting-started/access-tokens",
    ),
    Rule(
        name="azure_sas",
        trigger=r"\bsig=[0-9A-Za-z%/+]{8}",
        pattern=r"\bsig=([0-9A-Za-z+/%]{40,70}(?:%3[Dd]|=))",
        source="learn.microsoft.com/azure/storage/common/storage-sas-overview",
    ),
    Rule(
        name="fly_token",
        trigger=r"\bfm[12][ar]?_[0-9A-Za-z+/]{4}",
        pattern=r"\b(fm[12][ar]?_[0-9A-Za-z+/=_-]{80,})",
        source="fly.io/docs/security/tokens",
    ),
    Rule(
        name="render_key",
        trigger=r"\brnd_[0-9A-Za-z]{4}",
        pattern=r"\b(rnd_[0-9A-Za-z]{28,40})\b",
        source="render.com/docs/api",
    ),
    Rule(
        name="resend_key",
        trigger=r"\bre_[0-9A-Za-z]{8}_",
        pattern=r"\b(re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24})\b",
        source="resend.com/docs/dashboard/api-keys",
    ),
    Rule(
        name="model_service_key",
        trigger=r"\btvly-[0-9A-Za-z]|\bjina_[0-9A-Za-z]{4}|\bfc-[0-9a-f]{4}|\bfw_[0-9A-Za-z]{4}|\bsk_[0-9a-f]{4}",
        pattern=r"\b(tvly-(?:dev-|prod-)?[0-9A-Za-z]{32}|jina_[0-9A-Za-z]{60}|fc-[0-9a-f]{32}|fw_[0-9A-Za-z]{24}"
        r"|sk_[0-9a-f]{48})\b",
        source="keys as Tavily, Jina, Firecrawl, Fireworks and ElevenLabs show them",
    ),
)
