"""Portkey's `containsCode`: a fenced block in one language.

Portkey compares tags as they are, sees no fence without one and none tagged `c++`; here a language goes by
all its names, and where there is no tag what is in the fence tells it.
"""

import msgspec

from guardrails.check import Run
from guardrails.checks.source_code.check import CodeCheck
from guardrails.checks.source_code.languages import language
from guardrails.decoding import ConfigError, decode
from guardrails.portkey.texts import TextVerdict


class ContainsCodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which language, by any of its names."""

    format: str
    inverted: bool = msgspec.field(default=False, name="not")


def contains_code(config: object, path: str) -> TextVerdict:
    """Build `default.containsCode`: some fence is in the language; with `not`, none is, in any text."""
    given = decode(ContainsCodeConfig, config, path)
    wanted = language(given.format)
    if wanted is None:
        raise ConfigError(f"{path}.format", f"no language is known as {given.format[:64]!r}")
    fenced = CodeCheck(frozenset({wanted}), unfenced=False)
    return TextVerdict(
        "containsCode",
        lambda text: bool(fenced.find(Run(text))) is not given.inverted,
        everywhere=given.inverted,
    )
