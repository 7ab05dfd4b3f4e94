"""What Bedrock's Converse refuses, in its own words: rules that are not in the service model.

    assert faults(body, stream=False, model=MODEL) == []

The words are those that AWS's ValidationException gave in issues of its users (boto3#4687, litellm#24158,
langchain-aws#141, mlflow#24296, pydantic-ai#1966) and in the User Guide, 2026-11. What a single model
refuses beyond them is not known here.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from tests import bedrock_model

_DOCUMENT_NAME = re.compile(r"[A-Za-z0-9()\[\]-]+(?: [A-Za-z0-9()\[\]-]+)*")


def faults(
    body: Any, *, stream: bool = False, model: str = bedrock_model.MODEL, text_with_results: bool = True
) -> list[str]:
    """Return what is wrong with a decoded body; empty if nothing is.

    Args:
        body: of the request.
        stream: whether ConverseStream was asked.
        model: its id.
        text_with_results: whether the model takes words beside results of tools.
    """
    wrong = bedrock_model.faults(body, stream=stream, model=model)
    if wrong:
        return wrong
    messages = body.get("messages") or []
    wrong += _order(messages)
    wrong += _texts(messages)
    wrong += _documents(messages)
    wrong += _results(messages)
    wrong += _tools(body, messages)
    if not text_with_results:
        wrong += _mixed(messages)
    return wrong


def _order(messages: list[Any]) -> Iterator[str]:
    if not messages:
        yield "The messages field is required."
        return
    if messages[0]["role"] != "user":
        yield (
            "A conversation must start with a user message. Try again with a conversation that starts with a "
            "user message."
        )
    roles = [message["role"] for message in messages]
    for before, role in itertools.pairwise(roles):
        if before == role:
            yield (
                'messages: roles must alternate between "user" and "assistant", but found multiple '
                f'"{role}" roles in a row'
            )


def _texts(messages: list[Any]) -> Iterator[str]:
    for i, message in enumerate(messages):
        content = message["content"]
        if not any("cachePoint" not in block for block in content):
            yield (
                f"The content field in the Message object at messages.{i} is empty. Add a ContentBlock "
                "object to the content field and try again."
            )
        for j, block in enumerate(content):
            yield from _block(block, message["role"], f"messages.{i}.content.{j}")
    last: Any = messages[-1] if messages else {"role": "user"}
    if last["role"] == "assistant":
        texts = [block["text"] for block in last["content"] if "text" in block]
        if texts and texts[-1] != texts[-1].rstrip():
            yield "messages: final assistant content cannot end with trailing whitespace"


def _block(block: Any, role: str, place: str) -> Iterator[str]:
    parts = [block, *block.get("toolResult", {}).get("content", ())]
    if any(not part.get("text", "x").strip() for part in parts):
        yield (
            f"The text field in the ContentBlock object at {place} is blank. Add text to the text field, and "
            "try again."
        )
    if ("image" in block or "document" in block) and role != "user":
        yield f"{place}: You can only include images and documents if the role is user."


def _documents(messages: list[Any]) -> Iterator[str]:
    names: list[str] = []
    for i, message in enumerate(messages):
        found = [block["document"]["name"] for block in message["content"] if "document" in block]
        names += found
        if found and not any("text" in block for block in message["content"]):
            yield f"messages.{i}: a document must be accompanied by a text block."
    if not all(map(_DOCUMENT_NAME.fullmatch, names)):
        yield (
            "The document file name can only contain alphanumeric characters, whitespace characters, "
            "hyphens, parentheses, and square brackets. The name can't contain more than one "
            "consecutive whitespace character."
        )
    if len(set(names)) != len(names):
        yield "The messages contain duplicate document names."


def _results(messages: list[Any]) -> Iterator[str]:
    asked: set[str] = set()
    for i, message in enumerate(messages):
        results = [block["toolResult"] for block in message["content"] if "toolResult" in block]
        if not all(result["content"] for result in results):
            yield f"The content field in the ToolResult object at messages.{i} is empty."
        given = [result["toolUseId"] for result in results]
        missing = asked - set(given)
        if missing:
            ids = ", ".join(sorted(missing))
            yield f"Expected toolResult blocks at messages.{i}.content for the following Ids: {ids}"
        if set(given) - asked or len(set(given)) != len(given):
            yield (
                f"The number of toolResult blocks at messages.{i}.content exceeds the number of toolUse "
                "blocks of previous turn."
            )
        asked = {block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block}
    if asked:
        yield "The last message holds toolUse blocks without results."


def _tools(body: Any, messages: list[Any]) -> Iterator[str]:
    kinds = {kind for message in messages for block in message["content"] for kind in block}
    if kinds & {"toolUse", "toolResult"} and "toolConfig" not in body:
        yield "The toolConfig field must be defined when using toolUse and toolResult content blocks."
    config = body.get("toolConfig", {})
    names = [tool["toolSpec"]["name"] for tool in config.get("tools", ()) if "toolSpec" in tool]
    if len(set(names)) != len(names):
        yield "The toolConfig holds tools with duplicate names."
    forced = config.get("toolChoice", {}).get("tool")
    if forced is not None and forced["name"] not in names:
        yield f"The tool {forced['name']} of toolChoice is not in toolConfig."


def _mixed(messages: list[Any]) -> Iterator[str]:
    for message in messages:
        kinds = {"toolResult" in block for block in message["content"] if "cachePoint" not in block}
        if len(kinds) > 1:
            yield "Conversation blocks and tool result blocks cannot be provided in the same turn."
