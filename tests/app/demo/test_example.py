import string
import zlib

import pytest

from app.demo.example import KEY, Source, config, local_source, source_from


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "", "OPENAI_MODEL": "x"}, None),
        (
            {"OPENAI_API_KEY": "sk"},
            Source("openai", "https://api.openai.com/v1", "gpt-4o-mini", "OPENAI_API_KEY"),
        ),
        (
            {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "llama"},
            Source("openai", "http://127.0.0.1:1/v1", "llama", None),
        ),
    ],
)
def test_the_environment_names_a_provider_as_the_sdk_reads_it(
    environ: dict[str, str], source: Source | None
) -> None:
    assert source_from(environ) == source


def test_the_configuration_names_the_key_and_does_not_hold_it() -> None:
    source = source_from({"OPENAI_API_KEY": "sk-secret"})
    assert source is not None
    text = config(source, 8787)
    assert 'api_key: "${OPENAI_API_KEY}"' in text
    assert "sk-secret" not in text
    assert "api_key" not in config(local_source("http://127.0.0.1:1/v1"), 8787)


def test_the_key_has_the_checksum_of_a_real_one() -> None:
    """GitHub's tokens end in the CRC-32 of their random part, in base 62 (github.blog, 2021-04-05)."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    value = sum(digits.index(sign) * 62**place for place, sign in enumerate(reversed(KEY[-6:])))
    assert value == zlib.crc32(KEY[len("ghp_") : -6].encode())
