"""A Chat Completions request in the dialect of an API that is compatible, but not quite.

Data says what differs (`app/catalogue/dialect.py`), `Abilities` what the model takes; here is the order in
which it is done. What cannot be said is dealt with as configured (`app/wire/params.py`): nothing that
changes the answer is left out silently. A request to OpenAI's own API, for a model without peculiarities,
does not come here at all.
"""

from typing import Any, Literal

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.abilities import Abilities
from app.wire.efforts import nearest
from app.wire.format import Question
from app.wire.openai.dialect_messages import MessageWriter, instructed
from app.wire.openai.dialect_tools import say_response_format, say_tools
from app.wire.params import Params

Images = Literal["url", "data", "none"]
"""As `app.catalogue.row.Row.images`."""
_NEUTRAL_SAMPLING = {"temperature": 1, "top_p": 1}
"""What models have that let nobody choose (OpenAI's reasoning models, 2026-11)."""


class Said(msgspec.Struct, frozen=True):
    """A request as it is sent."""

    document: dict[str, Any]
    dropped: tuple[str, ...]


def say(question: Question, dialect: Dialect, images: Images, target: str) -> Said:
    """Say the question in the dialect.

    Args:
        question: what to ask.
        dialect: of the provider.
        images: how it takes them.
        target: names the provider and the model, for messages.

    Raises:
        InvalidRequest: it cannot be said; `param` names the field.
    """
    abilities = question.abilities
    params = Params(question.document, question.unsupported, target)
    said: dict[str, Any] = {}
    _say_limit(said, params, dialect, abilities)
    for old, new in dialect.rename.items():
        value = params.take(old)
        if value is not None and question.document.get(new) is None:
            said[new] = value
    _refuse(params, dialect, abilities, question.document)
    _say_effort(said, params, dialect, abilities)
    say_tools(said, params, dialect if abilities.forced_tools else _unforced(dialect))
    sentence = say_response_format(said, params, dialect)
    said = {**params.rest(passed=params.left), **said}
    _mend_numbers(said, dialect)
    writer = MessageWriter(dialect, images if abilities.vision else "none", question.unsupported, target)
    messages = writer.write(question.document["messages"])
    if sentence:
        messages = instructed(messages, sentence)
    document = {"model": question.model, "messages": messages, **dialect.defaults, **said, **dialect.force}
    if "stream" in question.document:
        document["stream"] = question.document["stream"]
    return Said(document, (*params.dropped, *writer.dropped))


def _say_limit(said: dict[str, Any], params: Params, dialect: Dialect, abilities: Abilities) -> None:
    """Say how long the answer may be, by the name that is known here."""
    field: str = dialect.max_tokens_field
    if field == "either":
        if "max_tokens" not in abilities.refused:
            return
        field = "max_completion_tokens"
    limit = params.take("max_completion_tokens", "max_tokens")
    if limit is not None:
        said[field] = limit


def _refuse(params: Params, dialect: Dialect, abilities: Abilities, document: dict[str, Any]) -> None:
    """Deal with what this provider or this model does not take."""
    refused = list(abilities.refused)
    if document.get("reasoning_effort") not in {None, "none"}:
        refused += abilities.refused_while_thinking
    if abilities.temperature_or_top_p and document.get("temperature") is not None:
        refused.append("top_p")
    for name in refused:
        if document.get(name) == _NEUTRAL_SAMPLING.get(name, ...):
            params.take(name)
    if dialect.unknown_fields == "refuse":
        refused += [name for name in params.left if name not in dialect.known]
    params.refuse(*dialect.drop, *refused)


def _unforced(dialect: Dialect) -> Dialect:
    """Return the dialect as spoken with a model that cannot be made to call a tool."""
    return msgspec.structs.replace(
        dialect, tool_choice={**dialect.tool_choice, "required": None, "named": None}
    )


def _say_effort(said: dict[str, Any], params: Params, dialect: Dialect, abilities: Abilities) -> None:
    """Say how hard to think."""
    effort = params.take("reasoning_effort")
    if not isinstance(effort, str):
        return
    if abilities.efforts is not None:
        if not abilities.efforts:
            params.lose("reasoning_effort", effort, "The model does not let anybody choose.")
            return
        effort = nearest(effort, abilities.efforts)
    said |= _effort_fields(effort, params, dialect)


def _effort_fields(effort: str, params: Params, dialect: Dialect) -> dict[str, Any]:
    """Return the fields for an effort; a caller's own `thinking` and the like stay as they are."""
    if dialect.effort == "native":
        return {"reasoning_effort": effort}
    if dialect.effort == "reasoning":
        given = params.take("reasoning")
        return {"reasoning": {"effort": effort, **given} if isinstance(given, dict) else {"effort": effort}}
    is_on = effort != "none"
    fields: dict[str, Any] = {}
    if dialect.effort not in params.left:
        switch = {"type": "enabled" if is_on else "disabled"}
        fields[dialect.effort] = switch if dialect.effort == "thinking" else is_on
    if is_on and dialect.effort == "thinking":
        fields["reasoning_effort"] = effort
    return fields


def _mend_numbers(said: dict[str, Any], dialect: Dialect) -> None:
    """Put values that are not taken in their place."""
    for name, replacements in dialect.replace.items():
        for replacement in replacements:
            if name in said and said[name] == replacement.value:
                said[name] = replacement.by
    for name, bounds in dialect.clamp.items():
        value = said.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if bounds.min is not None and value < bounds.min:
                said[name] = bounds.min
            elif bounds.max is not None and value > bounds.max:
                said[name] = bounds.max
