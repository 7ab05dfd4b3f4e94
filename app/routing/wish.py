"""What a caller says about routing, by header: Portkey's names for it are in `app/api/headers.py`."""

import msgspec

from app.secret import Secret


class Wish(msgspec.Struct, frozen=True):
    """What is asked for beside the request itself. Whether a caller may is decided by `Router`."""

    config: str | None = None
    """JSON, or the name of a saved config."""
    provider: str | None = None
    """Name of a provider: of a configured one (`@main`), or of a kind (`openai`)."""
    timeout_s: float | None = None
    """Until the first byte of an answer, for each attempt; goes before what a config says."""
    forward_headers: tuple[str, ...] = ()
    """Names of headers that the provider shall get too, in lower case."""
    custom_host: str | None = None
    """URL to use in place of a provider's own."""
    input_guardrails: str | None = None
    """JSON, an array as that of a config; they come on top of whatever else applies."""
    output_guardrails: str | None = None
    key: Secret | None = None
    """What came where a provider's key stands, and is no gateway key."""


NO_WISH = Wish()
