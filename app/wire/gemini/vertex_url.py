"""The base URL of Vertex AI for a project, a location and a publisher of models.

Hosts as google-genai 3.4 (`_api_client.py`) and Google's page on endpoints (docs.cloud.google.com, 2026-11)
have them: the location `global` has none in its host name, the multi-regions `us` and `eu` have hosts of
their own, every other location stands before the host. Express mode knows a key instead of a project.
"""

import re

_MULTI_REGIONS = frozenset({"us", "eu"})
_LOCATION = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*")
"""An id, a number, or an id within a domain (`example.com:project`)."""
_PUBLISHER = re.compile(r"[a-z0-9][a-z0-9-]*")


def vertex_base_url(
    project: str | None, location: str | None, publisher: str = "google", *, version: str = "v1beta1"
) -> str:
    """Return the URL below which `models/{model}:generateContent` stands.

    Args:
        project: id or number; None: express mode, where an API key says whose project it is.
        location: `us-central1`, `global`, `us`, `eu`; None: `global`.
        publisher: of the models: `google`, `anthropic`, `mistralai`.
        version: of the API: `v1beta1` as google-genai says by default, `v1` as other publishers' SDKs do.

    Raises:
        ValueError: one of them cannot stand in a URL.
    """
    place = location or "global"
    for name, value, pattern in (
        ("location", place, _LOCATION),
        ("publisher", publisher, _PUBLISHER),
        ("project", project, _PROJECT),
    ):
        if value is not None and not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is no {name} of Vertex AI")
    root = f"https://{_host(place)}/{version}"
    if project is None:
        return f"{root}/publishers/{publisher}"
    return f"{root}/projects/{project}/locations/{place}/publishers/{publisher}"


def _host(location: str) -> str:
    if location == "global":
        return "aiplatform.googleapis.com"
    if location in _MULTI_REGIONS:
        return f"aiplatform.{location}.rep.googleapis.com"
    return f"{location}-aiplatform.googleapis.com"
