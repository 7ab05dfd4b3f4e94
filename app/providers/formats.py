"""Which wire format a provider speaks, in which dialect."""

import time
from typing import assert_never

import msgspec

from app.catalogue.row import Row
from app.settings import ProviderSettings
from app.wire.anthropic.format import SAMPLING_VERSION, AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.format import Format
from app.wire.gemini.format import GeminiFormat
from app.wire.openai.azure_format import AzureFormat
from app.wire.openai.format import OpenAIFormat


def format_of(row: Row, settings: ProviderSettings) -> Format:
    """Return the format of a provider.

    Args:
        row: its kind.
        settings: its own; they win over its kind's.

    Raises:
        ValueError: a setting is none that the format knows.
    """
    dialect = row.dialect
    if settings.stream_usage is not None:
        usage = "opt-in" if settings.stream_usage else "absent"
        dialect = msgspec.structs.replace(dialect, stream_usage=usage)
    is_vertex = row.credentials == "google"
    match row.format:
        case "openai":
            return OpenAIFormat(dialect, images=row.images, name=row.kind)
        case "azure":
            return AzureFormat(settings.api_version, dialect)
        case "anthropic":
            version = settings.api_version or SAMPLING_VERSION
            return AnthropicFormat("vertex" if is_vertex else "anthropic", version)
        case "gemini":
            return GeminiFormat("vertex" if is_vertex else "gemini")
        case "bedrock":
            return BedrockFormat(time.time)
        case "cohere":
            return CohereFormat()
        case _:
            assert_never(row.format)
