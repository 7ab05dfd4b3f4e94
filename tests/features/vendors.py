"""All vendors on one socket, and the configuration of a service that has a provider of every kind.

    async with Upstream(vendors := Vendors(), path="") as upstream:
        with serve(configuration(upstream.port), folder) as service: ...

The first step of a path says who is asked: `/groq/...` is Groq. `/pixel.png` is an image on the web.
"""

import base64

import msgspec
import yaml

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from tests.emulators.bedrock import API_KEY as BEDROCK_KEY
from tests.emulators.gemini import KEY as GEMINI_KEY
from tests.features import compatible_vendor
from tests.features.anthropic_vendor import AnthropicVendor
from tests.features.bedrock_vendor import BedrockVendor
from tests.features.cohere_vendor import CohereVendor
from tests.features.compatible_vendor import CompatibleVendor
from tests.features.gemini_vendor import TOKEN, GeminiVendor
from tests.features.said import COMPLETION_TOKENS, PROMPT_TOKENS, Heard, Said, reply
from tests.features.vendor import KEY, Vendor
from tests.upstreams import Connection, Received, whole

CATALOGUE = Catalogue.load()
KINDS = CATALOGUE.kinds()
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""An image, in base64."""
IMAGE_PATH = "/pixel.png"
_BASES = {
    "anthropic": "/v1",
    "azure-openai": "/openai",
    "gemini": "/v1beta",
    "vertex-ai": "/v1beta1/projects/my-project/locations/us-central1/publishers/google",
    "vertex-anthropic": "/v1/projects/my-project/locations/us-central1/publishers/anthropic",
    "bedrock": "",
    "cohere": "",
}
"""What stands in a base URL behind the host; for the others `/v1`."""


class Vendors:
    """An `Answer` for `tests.upstreams.Upstream`: every kind of the catalogue."""

    def __init__(self) -> None:
        self._vendors = {kind: vendor_of(row(kind)) for kind in KINDS}
        self._said: dict[str, Said] = {}
        self._heard: dict[str, Heard] = {}

    def say(self, kind: str, said: Said) -> None:
        """Have a kind say this from now on; what it heard is forgotten."""
        self._said[kind] = said
        self._heard.pop(kind, None)

    def heard(self, kind: str) -> Heard | None:
        """Return what a kind was asked since; None if nothing, or nothing that its rules allow."""
        return self._heard.get(kind)

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        if request.target == IMAGE_PATH:
            await whole(base64.b64decode(PIXEL), content_type="image/png")(connection, request)
            return
        kind, _, rest = request.target.removeprefix("/").partition("/")
        asked = msgspec.structs.replace(request, target=f"/{rest}")
        vendor, said = self._vendors[kind], self._said[kind]
        answer = vendor.refusal(asked)
        if answer is None:
            heard = self._heard[kind] = vendor.heard(asked)
            if said.fails == "never":
                answer = vendor.answer(asked, reply(said, heard))
            elif said.fails == "before":
                answer = vendor.overloaded()
            else:
                answer = vendor.overloaded_within()
                assert answer is not None, f"{kind} has no words for an error within a stream"
        await answer(connection, request)


def row(kind: str) -> Row:
    """Return a row that there is."""
    found = CATALOGUE.row(kind)
    assert found is not None
    return found


def vendor_of(row: Row) -> Vendor:
    """Return the vendor behind a kind."""
    match row.format:
        case "anthropic":
            return AnthropicVendor("vertex" if row.credentials == "google" else "anthropic")
        case "gemini":
            return GeminiVendor()
        case "bedrock":
            return BedrockVendor()
        case "cohere":
            return CohereVendor()
        case _:
            return CompatibleVendor(row.kind)


def fails_within_streams(kind: str) -> bool:
    """Whether this kind can say in a stream that it is too busy."""
    return vendor_of(row(kind)).overloaded_within() is not None


def usage_of(kind: str) -> tuple[int, int, int]:
    """Return what this kind counts for any answer: prompt, completion, total."""
    if row(kind).format in {"openai", "azure"}:
        return compatible_vendor.usage(kind)
    return PROMPT_TOKENS, COMPLETION_TOKENS, PROMPT_TOKENS + COMPLETION_TOKENS


def configuration(port: int, base_models: dict[str, str]) -> str:
    """Return the text of `handrail.yaml`.

    Args:
        port: of the vendors.
        base_models: what stands behind deployments of Azure.
    """
    document = {
        "providers": {kind: _provider(kind, port) for kind in KINDS},
        "images": {"allow_private": True, "allow_ports": [port]},
        "log": {"level": "error"},
    }
    document["providers"]["azure-openai"]["base_models"] = base_models  # type: ignore[index]  # a mapping
    return yaml.safe_dump(document)


def _provider(kind: str, port: int) -> dict[str, object]:
    base_url = f"http://127.0.0.1:{port}/{kind}{_BASES.get(kind, '/v1')}"
    settings: dict[str, object] = {"kind": kind, "base_url": base_url}
    match row(kind):
        case Row(credentials="google", format=format_name):
            token = TOKEN if format_name == "gemini" else KEY
            return {**settings, "project": "my-project", "google": {"access_token": token}}
        case Row(format="gemini"):
            return {**settings, "api_key": GEMINI_KEY}
        case Row(format="bedrock"):
            return {**settings, "api_key": BEDROCK_KEY, "region": "eu-central-1"}
        case _:
            return {**settings, "api_key": KEY}
