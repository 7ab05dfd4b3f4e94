import pytest

from app.catalogue.row import FormatName, Row
from app.domain.errors import InvalidRequest
from app.providers.formats import format_of
from app.settings import ProviderSettings
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.format import Question
from app.wire.gemini.format import GeminiFormat
from app.wire.openai.azure_format import AzureFormat
from app.wire.openai.format import OpenAIFormat

QUESTION = Question(document={"messages": [{"role": "user", "content": "hi"}]}, model="m")


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("openai", OpenAIFormat),
        ("azure", AzureFormat),
        ("anthropic", AnthropicFormat),
        ("gemini", GeminiFormat),
        ("bedrock", BedrockFormat),
        ("cohere", CohereFormat),
    ],
)
def test_a_kind_speaks_the_format_that_its_row_names(name: FormatName, speaks: type) -> None:
    assert isinstance(format_of(Row(format=name), ProviderSettings(kind="x")), speaks)


@pytest.mark.parametrize("name", ["anthropic", "gemini"])
def test_on_googles_cloud_models_are_addressed_as_google_does(name: FormatName) -> None:
    there = format_of(Row(format=name, credentials="google"), ProviderSettings(kind="x"))
    assert there.ask(QUESTION).path.startswith("models/m:")


def test_the_version_is_the_accounts_own() -> None:
    azure = format_of(Row(format="azure"), ProviderSettings(kind="x", api_version="2024-10-21"))
    assert azure.ask(QUESTION).path == "deployments/m/chat/completions?api-version=2024-10-21"
    anthropic = format_of(Row(format="anthropic"), ProviderSettings(kind="x", api_version="2026-10-21"))
    assert anthropic.ask(QUESTION).headers["anthropic-version"] == "2026-10-21"


def test_a_compatible_provider_says_by_name_that_it_sees_nothing() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    question = Question(document={"messages": [{"role": "user", "content": [image]}]}, model="m")
    blind = format_of(Row(kind="house", images="none"), ProviderSettings(kind="house"))
    with pytest.raises(InvalidRequest, match=r"^house's m ") as caught:
        blind.ask(question)
    assert caught.value.param == "messages[0].content[0]"
