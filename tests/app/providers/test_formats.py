from app.catalogue.row import Row
from app.providers.formats import format_of
from app.settings import ProviderSettings
from app.wire.openai_format import OpenAIFormat


def test_a_kind_speaks_openais_format_unless_it_says_otherwise() -> None:
    assert isinstance(format_of(Row(), ProviderSettings(kind="x")), OpenAIFormat)
