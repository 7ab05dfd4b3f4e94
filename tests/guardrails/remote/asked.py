"""Services for tests of remote checks: what they were asked is written down, what they answer is given."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from guardrails.remote.service import Reply, Request, ServiceError, Services

KEY = b"key of what is remembered"
Answer = Callable[[Any], Any]
"""From the document of a question to that of its answer."""


class Service:
    """A `Send` and a `Complete` that answer what `answer` makes of the question.

    Args:
        answer: None: nobody may ask.
        status: of every reply.
    """

    def __init__(self, answer: Answer | None = None, status: int = 200) -> None:
        self._answer = answer
        self._status = status
        self.requests: list[Request] = []
        self.completions: list[tuple[str, Mapping[str, Any]]] = []
        self.services = Services(self.send, self.complete, KEY, self.reach)

    @property
    def questions(self) -> list[Any]:
        return [json.loads(request.body) for request in self.requests]

    async def send(self, request: Request) -> Reply:
        assert self._answer is not None, "nobody may ask"
        self.requests.append(request)
        answer = self._answer(json.loads(request.body))
        if isinstance(answer, ServiceError):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Reply(self._status, body)

    async def reach(self, url: str, *, resolve_only: bool) -> bool:
        raise AssertionError("nobody may be tried")

    async def complete(self, model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._answer is not None, "nobody may ask"
        self.completions.append((model, body))
        answer: Mapping[str, Any] = self._answer(body)
        return answer
