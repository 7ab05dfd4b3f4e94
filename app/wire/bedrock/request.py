"""A completion as a Converse request.

Names and limits are those of the service model of bedrock-runtime (2023-09-30, botocore 1.44); what models
differ in is in `Abilities`. Nothing here knows a model's name but for its maker's.
"""

from typing import Any

import msgspec

from app.domain.errors import InvalidRequest
from app.wire.answer_tool import AnswerTool
from app.wire.bedrock.fields import converse_fields, inference_config, model_fields, take_refused
from app.wire.bedrock.models import family
from app.wire.bedrock.thinking import plan_thinking
from app.wire.bedrock.tools import ToolPlan, plan_tools
from app.wire.bedrock.turns import TurnsWriter
from app.wire.conversation import AnswerFormat
from app.wire.conversation_reader import read_conversation
from app.wire.format import Question
from app.wire.params import Params

_encode = msgspec.json.Encoder().encode


class Written(msgspec.Struct, frozen=True):
    """A request, and what its reader has to know."""

    body: dict[str, Any]
    dropped: tuple[str, ...]
    json_tool: AnswerTool | None
    is_legacy: bool = False
    """As `app.wire.conversation.Conversation.is_legacy`."""


def write_request(question: Question) -> Written:
    """Return the request.

    Raises:
        InvalidRequest: it cannot be said to this model; `param` names the field.
    """
    abilities, target = question.abilities, f"Bedrock's {question.model}"
    params = Params(question.document, question.unsupported, target)
    maker = family(question.model)
    take_refused(abilities, params)
    conversation = read_conversation(question.document, params)
    max_tokens = _max_tokens(params)
    thinking = plan_thinking(conversation, abilities, params, family=maker, max_tokens=max_tokens)
    tools = plan_tools(conversation, abilities, params, thinks=thinking.thinks)
    turns = TurnsWriter(abilities, maker, target, tools=tools.config is not None)
    body: dict[str, Any] = {}
    system = turns.system(conversation)
    if tools.instruction is not None:
        system.append({"text": tools.instruction})
    if system:
        body["system"] = system
    body["messages"] = turns.messages(conversation.turns)
    strictly = thinking.thinks and maker in {"anthropic", ""}
    config = inference_config(params, abilities, max_tokens, thinks=strictly)
    if config:
        body["inferenceConfig"] = config
    if tools.config is not None:
        body["toolConfig"] = tools.config
    output = _output_config(conversation.answer_format, tools, thinking.effort)
    if output:
        body["outputConfig"] = output
    body.update(converse_fields(params, stream=question.stream))
    fields = model_fields(params, maker, thinks=strictly)
    fields = {**thinking.fields, **fields}
    if fields:
        body["additionalModelRequestFields"] = fields
    return Written(body, params.dropped, tools.json_tool, conversation.is_legacy)


def _max_tokens(params: Params) -> int | None:
    wish: int | None = params.take("max_completion_tokens", "max_tokens")
    if wish is not None and wish < 1:
        raise InvalidRequest("`max_tokens` must be at least 1.", param="max_tokens")
    return wish


def _output_config(wish: AnswerFormat | None, tools: ToolPlan, effort: str | None) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if wish is not None and tools.answer_schema is not None:
        definition = {"schema": _encode(tools.answer_schema).decode(), "name": wish.name}
        if wish.description:
            definition["description"] = wish.description
        config["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": definition}}
    if effort is not None:
        config["effort"] = effort
    return config
