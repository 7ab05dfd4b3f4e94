"""Every text of a chat request, and its way back into the document.

What a caller sends can hold a person's data anywhere: in an earlier turn, in a tool's answer, in the escapes
of tool arguments, in a field nobody documented. So no text is picked by name: the whole document is walked
and every string is a part, keys and long numbers too. Left out is only what cannot carry anything: the
protocol's own words, the `model`, and base64 of media. The counterpart for answers is `app/screening.py`.

Paths are those of OpenAI's `param`: `messages[0].content[1].text`. A key that is no field of the protocol is
a part too; its path ends in `.~key`. What stands as JSON inside a string is in `app/domain/json_text.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.data_text import data_text_part
from app.domain.json_leaves import holds_texts, is_long_number, key_path, member_path, name_of, number_text
from app.domain.json_text import MEDIA_KEYS, JsonText, Redactions, replace_members
from app.domain.part_list import PartList
from guardrails.part import Part, PartKind

_PROTOCOL_WORDS = frozenset(
    """
    system developer user assistant tool function text image_url input_audio file refusal custom auto none
    required low medium high minimal xhigh max default flex json_object json_schema string object array number
    integer boolean null ephemeral allowed_tools grammar lark regex wav mp3 opus original
    """.split()
)
"""Values the protocol fixes. Each is harmless wherever it stands: skipped by value, never by key."""
KNOWN_KEYS = frozenset(
    """
    messages model role content name tool_calls tool_call_id id type function arguments text image_url url
    detail input_audio data format file file_data file_id filename refusal reasoning_content reasoning audio
    function_call functions tools tool_choice description parameters strict properties required items enum
    additionalProperties temperature top_p n stream stream_options include_usage stop max_tokens
    max_completion_tokens presence_penalty frequency_penalty logit_bias user seed logprobs top_logprobs
    response_format json_schema schema service_tier parallel_tool_calls store metadata modalities prediction
    reasoning_effort verbosity web_search_options custom input prompt_cache_key safety_identifier
    prompt suffix best_of echo encoding_format dimensions embedding
    cache_control anyOf oneOf allOf title default minimum maximum
    choices index message delta finish_reason annotations url_citation start_index end_index transcript
    expires_at token bytes usage created object system_fingerprint
    prompt_tokens completion_tokens total_tokens prompt_tokens_details completion_tokens_details cached_tokens
    audio_tokens reasoning_tokens accepted_prediction_tokens rejected_prediction_tokens text_tokens
    """.split()
)
"""Names of fields that the protocol gives, in requests and answers. Anybody else's name may say something."""
_KIND_OF_KEY = {
    "reasoning_content": PartKind.REASONING,
    "reasoning": PartKind.REASONING,
    "thinking": PartKind.REASONING,
    "refusal": PartKind.REFUSAL,
}
_ASSISTANT = "assistant"
_CALLING = frozenset({_ASSISTANT, ""})
"""Whose arguments are those of a tool call. With anybody else it is a name that he gave to what he says, as
`refusal` is: what he says stays that, or he would choose who hears it."""
_ASKED = frozenset({"prompt", "suffix", "input"})
"""What a completion or vectors are asked of: what a user says, though in no message."""
_USER = "user"
_INSTRUCTING = frozenset({"system", "developer"})
"""Instructions belong to no turn: they are given anew with every request."""
_TELLING = frozenset({"token"})
"""Of the protocol's names, those that tell what a value is."""
_MEDIA_LENGTH = 1024
"""Base64 shorter than this is scanned like any text: it may be a key or a token."""
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_STRETCH = 64
"""Base64 of media has letters in every so many characters; 64 digits in a row come once in 10^51."""
_MIME_LENGTH = 64
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_Said = tuple[PartKind, str]
"""What a text is, and who says it."""


def request_parts(document: Mapping[str, Any], at: str = "") -> tuple[Part, ...]:
    """Return every text of a request, messages first.

    Args:
        document: of a request, or what a config puts into one.
        at: path of the document, where it is not a whole one.

    Raises:
        TooManyTexts: there are over 100,000 of them, or their paths add up to over 16 Mi characters.
    """
    parts = PartList()
    messages = _messages(document)
    turn = _latest_turn(messages)
    for i, message in enumerate(messages):
        parts.is_new = i >= turn or message.get("role") in _INSTRUCTING
        role = str(message.get("role", ""))
        kind = PartKind.TOOL_RESULT if role in {"tool", "function"} else PartKind.TEXT
        _walk(message, f"{member_path(at, 'messages')}[{i}]", "", (kind, role), parts)
    parts.is_new = True
    for key, value in document.items():
        if key in _ASKED:
            _walk(value, member_path(at, key), "", (PartKind.TEXT, _USER), parts)
        elif key != "model" and not (key == "messages" and messages):
            _members({key: value}, at, "", (PartKind.FIELD, ""), parts)
    return tuple(parts)


def _messages(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the messages, where they are some: what a config puts there may be anything."""
    messages = document.get("messages")
    is_list = isinstance(messages, list) and all(isinstance(one, dict) for one in messages)
    return messages if is_list and messages is not None else ()


def _latest_turn(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return where the latest turn begins: behind the last message of the assistant that was answered.

    What stands behind that came with this request, results of tools among it. A message of the assistant at
    the very end is no answer to anything: the caller wrote it for the model to go on with.
    """
    end = len(messages)
    while end and messages[end - 1].get("role") == _ASSISTANT:
        end -= 1
    return next((i + 1 for i in reversed(range(end)) if messages[i].get("role") == _ASSISTANT), 0)


def redact_request(document: dict[str, Any], redacted: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with the parts named in `redacted` replaced by their new texts."""
    return replace_members(document, "", Redactions.of(redacted)) if redacted else document


def _walk(value: Any, path: str, name: str, said: _Said, parts: PartList) -> None:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        _text(value, path, name, said, parts)
    elif isinstance(value, dict):
        _members(value, path, name, said, parts)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if holds_texts(item):
                _walk(item, parts.place(f"{path}[{i}]"), name, said, parts)
    elif is_long_number(value):
        parts.append(Part(path, number_text(value), *said, name=name))


def _members(value: dict[str, Any], path: str, name: str, said: _Said, parts: PartList) -> None:
    for key, item in value.items():
        is_known = key in KNOWN_KEYS
        if is_known and not holds_texts(item):
            continue
        place = parts.place(member_path(path, key))
        if not is_known:
            parts.append(Part(key_path(place), key, *said))
        kind, role = said
        if key == "arguments" and isinstance(item, str):
            arguments = PartKind.TOOL_ARGUMENTS if role in _CALLING else kind
            JsonText(place, item).parts(arguments, role, found=parts)
        else:
            own = name if is_known and key not in _TELLING else name_of(key, value, name)
            if role == _ASSISTANT:
                kind = _KIND_OF_KEY.get(key, kind)
            _walk(item, place, own, (kind, role), parts)


def _text(text: str, path: str, name: str, said: _Said, parts: PartList) -> None:
    if not text or text in _PROTOCOL_WORDS:
        return
    if path.rpartition(".")[2] in MEDIA_KEYS:
        if (document := data_text_part(path, text, *said)) is not None:
            parts.append(document)
            return
        if _is_media(text):
            return
    if said[0] is PartKind.TOOL_RESULT and "\\" in text:
        JsonText(path, text).parts(*said, found=parts)
    else:
        parts.append(Part(path, text, *said, name=name))


def _is_media(text: str) -> bool:
    """Whether this is long base64 and nothing else, bare or as a `data:` URL (RFC 2397).

    One unbroken run of its standard alphabet, letters among them all along: no column of numbers and no list
    of words looks like that, however long.
    """
    if len(text) < _MEDIA_LENGTH:
        return False
    head, comma, body = text.partition(",") if text.startswith("data:") else ("", "", text)
    if comma and not (head.endswith(";base64") and len(head) < _MEDIA_LENGTH and _is_mime(head)):
        return False
    body = body.rstrip("=")
    if not _BASE64.issuperset(body):
        return False
    return all(not _LETTERS.isdisjoint(body[i : i + _STRETCH]) for i in range(0, len(body), _STRETCH))


def _is_mime(head: str) -> bool:
    """Whether the head of a data URL names a type and nothing more: `data:image/png;base64`."""
    kind = head.removeprefix("data:").removesuffix(";base64")
    return len(kind) <= _MIME_LENGTH and kind.replace("/", "").replace("+", "").replace("-", "").isalnum()
