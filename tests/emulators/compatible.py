"""Any compatible provider on a socket: it takes what its row says it takes, and answers with its quirks.

    async with Upstream(CompatibleEmulator("groq")) as upstream:
        ...  # a provider of kind groq at upstream.base_url, with the key KEY

Rules are in `compatible_rules.py`, answers in `tests/golden/compatible_answers.py`. What is answered follows
from the question: a call of the first function, if there is one and no result yet, with the arguments
`{"city": "Paris"}`; that object too, if JSON is asked for; else the last user's words; thoughts, if it is
asked to think. The model `missing` is not there, and `overloaded` is.
"""

from typing import Any

from tests.emulators.compatible_rules import faults
from tests.golden import compatible_cases as cases
from tests.golden.compatible_answers import Said, stream, whole
from tests.upstreams import Answer, Connection, Received
from tests.upstreams import stream as streamed
from tests.upstreams import whole as document

KEY = "key-0123456789"
RETRY_AFTER_S = "7"
_PARIS = '{"city": "Paris"}'
_SHAPES = {
    "mistral": "flat",
    "vllm": "flat",
    "xai": "text",
    "gemini-compatible": "array",
    "openrouter": "number",
    "llama.cpp": "number",
    "workers-ai": "errors",
    "minimax": "within",
}
"""How an error is said, where it is not as OpenAI says it."""
_MINIMAX_CODES = {401: 1004, 429: 1002, 400: 2013, 404: 2013, 422: 2013}


class CompatibleEmulator:
    """An `Answer` to whatever comes.

    Args:
        kind: of the catalogue.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._row = cases.row(kind)

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        await self._answer(request)(connection, request)

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a question that breaks a rule; None if it breaks none."""
        row, path = self._row, request.target.partition("?")[0]
        if request.headers.get(row.auth_header) != row.auth_prefix + KEY:
            return self._refuse(401, "invalid key")
        if self._lists(request):
            return None
        if request.method != "POST" or not path.endswith("/" + row.dialect.chat_path):
            return self._refuse(404, "not found")
        body = request.json()
        wrong = faults(row, body)
        if wrong:
            return self._refuse(422 if row.dialect.unknown_fields == "refuse" else 400, "; ".join(wrong))
        if body["model"] == "missing":
            return self._refuse(404, "no such model")
        return self.overloaded() if body["model"] == "overloaded" else None

    def overloaded(self) -> Answer:
        """Return the answer of one that has too much to do."""
        return self._refuse(429, "slow down")

    def _lists(self, request: Received) -> bool:
        path, models = request.target.partition("?")[0], self._row.dialect.models_path
        return request.method == "GET" and models is not None and path.endswith(models)

    def _answer(self, request: Received) -> Answer:
        refusal = self.refusal(request)
        if refusal is not None:
            return refusal
        if self._lists(request):
            return document({"object": "list", "data": [{"id": "model-1", "object": "model"}]})
        body = request.json()
        said = reply(body)
        if not body.get("stream"):
            return document(whole(self.kind, said))
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return streamed([stream(self.kind, said, usage=usage)])

    def _refuse(self, status: int, message: str) -> Answer:
        shape = _SHAPES.get(self.kind, "openai")
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        bodies: dict[str, Any] = {
            "openai": {"error": error},
            "flat": {"object": "error", **error, "code": status},
            "text": {"code": "Client specified an invalid argument", "error": message},
            "array": [{"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}],
            "number": {"error": {"code": status, "message": message}},
            "errors": {"success": False, "errors": [{"code": 7003, "message": message}]},
            "within": {
                "choices": None,
                "base_resp": {"status_code": _MINIMAX_CODES.get(status, 1000), "status_msg": message},
            },
        }
        headers = {"retry-after": RETRY_AFTER_S} if status == 429 else {}
        return document(bodies[shape], status=200 if shape == "within" else status, headers=headers)


def reply(body: dict[str, Any]) -> Said:
    """Return what is answered to a good question."""
    thinking = body.get("thinking") or {}
    wishes = (body.get("reasoning_effort"), body.get("enable_thinking"), body.get("reasoning"))
    thoughts = "Hm." if any(wishes) or thinking.get("type") == "enabled" else ""
    wish = (body.get("response_format") or {}).get("type", "text")
    text = _PARIS if wish != "text" else _last_words(body["messages"])
    tools = body.get("tools")
    if not tools or body.get("tool_choice") == "none" or body["messages"][-1]["role"] == "tool":
        return Said(thoughts=thoughts, text=text, function="")
    choice = body.get("tool_choice")
    name = (choice if isinstance(choice, dict) else tools[0])["function"]["name"]
    return Said(thoughts=thoughts, text="", function=name, arguments=_PARIS)


def _last_words(messages: list[dict[str, Any]]) -> str:
    for message in reversed(messages):
        if message["role"] == "user":
            content = message["content"]
            return content if isinstance(content, str) else str(content[0].get("text") or "an image")
    return "Nothing was said."
