"""One kind of provider: where it is, how it knows us, and how it speaks.

Rows stand in `providers.yaml`; `handrail.yaml` may change them and add others (`app/catalogue/catalogue.py`).
A row is what all accounts at a provider have in common; what one account has for itself (its key, its
resource's name) is a provider's settings.
"""

import re
from typing import Literal

import msgspec

from app.catalogue.dialect import Dialect

FormatName = Literal["openai", "azure", "anthropic", "gemini", "bedrock", "cohere"]
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of provider."""

    kind: str = ""
    """Its name; what it stands under in the file."""
    aliases: tuple[str, ...] = ()
    """Other names of it: Portkey's ids, vendors' own."""
    format: FormatName = "openai"
    """The wire format it speaks."""
    base_url: str | None = None
    """May hold `{region}`, `{location}`, `{project}`, `{resource}`, `{workspace}`, `{account}`; None: it
    must be configured."""
    key_env: tuple[str, ...] = ()
    """Environment variables its key is usually in."""
    credentials: Literal["key", "aws", "google", "azure"] = "key"
    """What it knows us by: a key in a header, or what its cloud gives out (Azure: either)."""
    auth_header: str = "authorization"
    auth_prefix: str = "Bearer "
    headers: dict[str, str] = {}
    """Sent with every request."""
    telemetry_name: str | None = None
    """OpenTelemetry's value of `gen_ai.provider.name`; where it has none for this provider, the kind."""
    pricing_name: str | None = None
    """The provider's id in genai-prices; None: it has no prices for it."""
    images: Literal["url", "data", "none"] = "url"
    """Whether it fetches images, takes them as `data:` URLs only, or takes none."""
    dialect: Dialect = Dialect()
    """How its OpenAI-compatible API differs; of no account for other formats."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names that must be known before the base URL is one."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.base_url or "")))
