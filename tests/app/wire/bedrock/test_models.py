"""Names of models on Bedrock. Paths are held against botocore's in test_format.py."""

import pytest

from app.domain.errors import InvalidRequest
from app.wire.bedrock.models import family, path


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic"),
        ("us.anthropic.claude-opus-4-8", "anthropic"),
        ("global.amazon.nova-2-lite-v1:0", "amazon.nova"),
        ("amazon.titan-text-express-v1", "amazon"),
        ("arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-instruct-v1:0", "meta"),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.mistral.pixtral-large-v1:0", "mistral"),
        ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6", ""),
        ("my-imported-model", ""),
        ("anthropic", ""),
    ],
)
def test_the_name_says_who_made_a_model_if_it_does(model: str, maker: str) -> None:
    assert family(model) == maker


@pytest.mark.parametrize("model", ["..", "a/../../x", "a/..", "a/./b", "a/.", "/a", "a b", "", "a" * 2049])
def test_what_is_no_id_is_refused(model: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        path(model, stream=False)
    assert caught.value.param == "model"


def test_points_in_an_id_are_no_steps() -> None:
    assert path("a/..b/c../.d/...", stream=False) == "model/a%2F..b%2Fc..%2F.d%2F.../converse"


def test_the_path_says_whether_it_is_a_stream() -> None:
    assert path("a.b:0", stream=False) == "model/a.b%3A0/converse"
    assert path("a.b:0", stream=True) == "model/a.b%3A0/converse-stream"
