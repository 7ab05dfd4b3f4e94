"""Which wire format a provider speaks, in which dialect."""

import msgspec

from app.catalogue.row import Row
from app.settings import ProviderSettings
from app.wire.format import Format
from app.wire.openai_format import OpenAIFormat


def format_of(row: Row, settings: ProviderSettings) -> Format:
    """Return the format of a provider.

    Args:
        row: its kind.
        settings: its own; they win over its kind's.
    """
    dialect = row.dialect
    if settings.stream_usage is not None:
        usage = "opt-in" if settings.stream_usage else "absent"
        dialect = msgspec.structs.replace(dialect, stream_usage=usage)
    return OpenAIFormat(dialect)
