"""The messages of a request as a compatible provider wants them.

Content is never left out here: what cannot be sent is an error that names its place. Members that say
something about a message (`name`, `annotations`) are dealt with as parameters are.
"""

from typing import Any

from app.catalogue.dialect import Dialect
from app.domain.errors import InvalidRequest
from app.wire.format import Unsupported
from app.wire.openai.tool_ids import ToolIdWriter
from app.wire.params import unsupported

Message = dict[str, Any]
_THOUGHTS = ("reasoning_content", "reasoning")
"""Where callers send a model's reasoning back as text."""
_SIGNED = ("thinking_blocks", "reasoning_details")
"""The same, signed by the vendor that wrote it."""
_CALL = ("id", "type", "function")
WANTS_JSON = "Answer with a JSON object."
"""What the instructions say where nobody speaks of JSON."""


class MessageWriter:
    """Writes the messages of one request.

    Args:
        dialect: of the provider.
        images: `url`, `data` or `none`, as `app.catalogue.row.Row.images`.
        policy: what becomes of members that it refuses.
        target: names the provider and the model, for messages.
    """

    def __init__(self, dialect: Dialect, images: str, policy: Unsupported, target: str) -> None:
        self.dropped: list[str] = []
        self._dialect = dialect
        self._images = images
        self._policy = policy
        self._target = target
        ids = dialect.tool_ids
        self._ids = ToolIdWriter(ids.pattern, ids.length) if ids is not None else None
        self._names: dict[str, str] = {}
        """Functions by the id of their call."""

    def write(self, messages: list[Message]) -> list[Message]:
        """Return the messages; those given stay as they are.

        Raises:
            InvalidRequest: one of them cannot be sent.
        """
        written: list[Message] = []
        placed = list(enumerate(messages))
        if self._dialect.alternate_roles:  # what stays in its order: sorting is stable
            placed.sort(key=lambda entry: self._role(entry[1]) != "system")
        for place, message in placed:
            new = self._write(message, f"messages[{place}]")
            last = written[-1] if written else {}
            bridge = self._dialect.bridge_tool_to_user
            if bridge is not None and last.get("role") == "tool" and new["role"] == "user":
                written.append({"role": "assistant", "content": bridge})
            if self._dialect.alternate_roles and _can_join(last, new):
                written[-1] = {**last, "content": _joined(last["content"], new["content"])}
            else:
                written.append(new)
        return written

    def _write(self, message: Message, path: str) -> Message:
        new = {**message, "role": self._role(message)}
        thoughts = self._take_thoughts(new)
        self._refuse_members(new, path)
        if "content" in new:
            new["content"] = self._content(new["content"], path)
        if thoughts:
            self._put_thoughts(new, thoughts)
        if new.get("tool_calls"):
            new["tool_calls"] = [self._call(call) for call in new["tool_calls"]]
        if new["role"] == "tool":
            self._mend_result(new)
        return new

    def _role(self, message: Message) -> str:
        role: str = message["role"]
        return self._dialect.roles.get(role, role)

    def _take_thoughts(self, message: Message) -> str:
        """Take out the reasoning of an earlier turn, unless it stays as it came; return it."""
        dialect = self._dialect
        if dialect.reasoning_replay == "keep" and dialect.reasoning_field is None:
            return ""
        found = [message.pop(key, None) for key in _THOUGHTS]
        message.pop("thinking_blocks", None)
        if dialect.reasoning_replay != "keep":
            message.pop("reasoning_details", None)
        return next((text for text in found if isinstance(text, str) and text), "")

    def _put_thoughts(self, message: Message, thoughts: str) -> None:
        match self._dialect.reasoning_replay:
            case "keep":
                message[self._dialect.reasoning_field or "reasoning_content"] = thoughts
            case "parts":
                part = {"type": "thinking", "thinking": [{"type": "text", "text": thoughts}]}
                message["content"] = [part, *_parts(message.get("content"))]
            case "strip":
                pass

    def _refuse_members(self, message: Message, path: str) -> None:
        known, refused = self._dialect.message_fields, self._dialect.message_drop
        for key in tuple(message):
            if key not in refused and (known is None or key in known):
                continue
            value = message[key]
            if value and self._policy == "error":
                raise unsupported(f"{path}.{key}", self._target)
            if value and self._policy == "passthrough":
                continue
            del message[key]
            # A result is known by its call's id, so nothing is lost with its function's name.
            if value and key not in _SIGNED and not (key == "name" and message["role"] == "tool"):
                self.dropped.append(f"{path}.{key}")

    def _content(self, content: Any, path: str) -> Any:  # noqa: ANN401 (JSON)
        if not isinstance(content, list):
            return content
        known = self._dialect.parts
        if known is not None:
            content = [_without_refusal(part, known) for part in content]
        for place, part in enumerate(content):
            if known is not None and part.get("type") not in known:
                raise unsupported(f"{path}.content[{place}]", self._target, "It knows no such parts.")
            if part.get("type") == "image_url":
                self._check_image(part, f"{path}.content[{place}]")
        if self._dialect.flat_content and all(part.get("type") == "text" for part in content):
            return "\n".join(part.get("text") or "" for part in content)
        return content

    def _check_image(self, part: dict[str, Any], path: str) -> None:
        if self._images == "none":
            raise unsupported(path, self._target, "It takes no images.")
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else image
        if self._images == "data" and not (isinstance(url, str) and url[:5].lower() == "data:"):
            raise InvalidRequest(f"{self._target} takes images as data: URLs only.", param=path)

    def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        function = call.get("function")
        if self._dialect.tool_names and isinstance(function, dict):
            self._names[call["id"]] = function["name"]
        if self._dialect.message_fields is not None:
            call = {key: call[key] for key in _CALL if call.get(key) is not None}
        return call if self._ids is None else {**call, "id": self._ids.write(call["id"])}

    def _mend_result(self, message: Message) -> None:
        call_id = message["tool_call_id"]
        if self._dialect.tool_names and call_id in self._names:
            message["name"] = self._names[call_id]
        if self._ids is not None:
            message["tool_call_id"] = self._ids.write(call_id)


def instructed(messages: list[Message], sentence: str) -> list[Message]:
    """Return messages whose instructions say this too; `WANTS_JSON` only where nobody speaks of JSON."""
    if sentence == WANTS_JSON and _speak_of_json(messages):
        return messages
    first = messages[0] if messages else {}
    if first.get("role") != "system":
        return [{"role": "system", "content": sentence}, *messages]
    return [{**first, "content": _joined(first["content"], sentence)}, *messages[1:]]


def _speak_of_json(messages: list[Message]) -> bool:
    return any("json" in text.lower() for message in messages for text in _texts(message.get("content")))


def _without_refusal(part: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """Return the part; a refusal of an earlier turn as the text it is, where it has no type of its own."""
    if part.get("type") == "refusal" and "refusal" not in known:
        return {"type": "text", "text": part.get("refusal") or ""}
    return part


def _texts(content: Any) -> list[str]:  # noqa: ANN401 (JSON)
    found = [part.get("text") for part in _parts(content)]
    return [text for text in found if isinstance(text, str)]


def _parts(content: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content or ())


def _can_join(last: Message, new: Message) -> bool:
    plain = {"role", "content"}
    return last.get("role") == new["role"] and last.keys() <= plain and new.keys() <= plain


def _joined(first: Any, second: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*_parts(first), *_parts(second)]
