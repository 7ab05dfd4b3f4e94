"""The `json` check: texts that must be JSON, or have JSON in them, of a form.

A text is judged whole, so a stream is held to its end for it. A finding says what is wrong (`not_json`,
`duplicate_key`, `missing_key`, `schema.required`: the keyword of JSON Schema that does not hold) and where:
its offsets are those of the item at fault. The item's path and value are no part of it, for both are words of
the text.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

import jsonschema_rs
import msgspec

from guardrails.check import Match, Run
from guardrails.checks.json_values import JsonValue, json_values, place_in, whole_json
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS

_MAX_FINDINGS = 10
"""Per text: a list of a thousand wrong items is one mistake."""


class JsonConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where JSON is looked for, and what it must be like."""

    where: Literal["text", "anywhere"] = "text"
    """With `text` the whole text is one JSON value, with nothing but white space around it. With `anywhere`
    objects and arrays in prose and code fences count, and one that is as it should be is enough."""
    schema: dict[str, Any] | bool | None = None
    """JSON Schema (draft 4 to 2020-12, by its `$schema`); patterns in linear time, no look-around. A `$ref`
    stays within the schema: nothing is fetched."""
    keys: tuple[str, ...] = ()
    """What the object must have at its top."""
    duplicate_keys: bool = False
    """Whether an object may have a key twice. Readers do not agree on which of the values counts, so a schema
    says little about such a text."""


class JsonCheck:
    """Finds that a text is not JSON, or not as it should be."""

    kind = "json"
    triggers: tuple[str, ...] = ()
    redactable = False
    views = AS_IT_STANDS

    def __init__(self, config: JsonConfig, validator: jsonschema_rs.Validator | None) -> None:
        self._config = config
        self._validator = validator

    def find(self, run: Run) -> Sequence[Match]:
        """Return what is wrong: nothing where one value is right, else the faults of the longest."""
        if self._config.where == "text":
            whole = whole_json(run.text)
            values = [] if whole is None else [whole]
        else:
            values = json_values(run.text)
        if not values:
            return [Match("not_json", 0, len(run.text))]
        if any(self._is_right(value) for value in values):
            return []
        longest = max(values, key=lambda value: value.end - value.start)
        faults = list(islice(self._faults(run.text, longest), _MAX_FINDINGS))
        return sorted(faults, key=lambda match: (match.start, match.end, match.rule))

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (a text is judged whole)
        """Return True: the text may go on."""
        return True

    def _is_right(self, value: JsonValue) -> bool:
        return (
            (self._config.duplicate_keys or not value.repeats_key)
            and not self._missing(value)
            and (self._validator is None or self._validator.is_valid(value.value))
        )

    def _missing(self, value: JsonValue) -> bool:
        has = value.value if isinstance(value.value, dict) else {}
        return any(key not in has for key in self._config.keys)

    def _faults(self, text: str, value: JsonValue) -> Iterator[Match]:
        if value.repeats_key and not self._config.duplicate_keys:
            yield Match("duplicate_key", value.start, value.end)
        if self._missing(value):
            yield Match("missing_key", value.start, value.end)
        if self._validator is None:
            return
        for error in self._validator.iter_errors(value.value):
            yield Match(f"schema.{_keyword(error.schema_path)}", *place_in(text, value, error.instance_path))


def build(config: object, path: str) -> JsonCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the place in the schema that does not hold.
    """
    decoded = decode(JsonConfig, config, path)
    validator = None if decoded.schema is None else compiled_schema(decoded.schema, f"{path}.schema")
    return JsonCheck(decoded, validator)


def compiled_schema(schema: Mapping[str, Any] | bool, path: str) -> jsonschema_rs.Validator:
    """Return a validator that fetches nothing and whose patterns take linear time.

    Raises:
        ConfigError: with the place in the schema that is wrong.
    """
    try:
        return jsonschema_rs.validator_for(
            schema if isinstance(schema, bool) else dict(schema),
            retriever=_refuse,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except jsonschema_rs.ValidationError as error:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        raise ConfigError(path + place, f"is no JSON Schema that can be used: {error.message}") from error
    except (ValueError, UnicodeEncodeError) as error:
        raise ConfigError(path, f"is no JSON Schema that can be used: {error}") from error


def _refuse(uri: str) -> Any:  # noqa: ANN401 (the port of the library)
    raise ValueError(f"{uri} is not in the schema, and nothing is fetched")


def _keyword(schema_path: Sequence[str | int]) -> str:
    """Return the keyword of JSON Schema that a text did not keep; `false` for a schema that nothing keeps."""
    last = schema_path[-1] if schema_path else "false"
    return last if isinstance(last, str) and last in _KEYWORDS else "false"


_KEYWORDS = frozenset(
    """
    $ref additionalItems additionalProperties allOf anyOf const contains contentEncoding contentMediaType
    dependencies dependentRequired dependentSchemas else enum exclusiveMaximum exclusiveMinimum format if
    items maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties
    minimum multipleOf not oneOf pattern patternProperties prefixItems properties
    propertyNames required then type unevaluatedItems unevaluatedProperties uniqueItems
    """.split()
)
"""Of drafts 4 to 2020-12, so that no name of a property becomes a rule."""
