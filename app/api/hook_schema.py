"""What the OpenAPI document says of guardrails: the statuses 246 and 446, and what their bodies hold.

The examples are made by the code that makes the bodies. The shape of `hook_results` is Portkey's (gateway
1.15); which of its keys are empty here, and why, is in `app/wire/openai/hook_results.py`.
"""

from dataclasses import replace
from typing import Any, cast

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Schema

from app.api.json_schema import flag, json_of, list_of, nullable_text, object_of, text
from app.wire.openai.errors import blocked_body
from app.wire.openai.hook_results import hook_results
from guardrails import Action, Decision, Finding, Guardrail, Mode, Side, Verdict
from guardrails.portkey.hook import Feedback, Hook, HookCheck

ERROR = object_of(
    ["error"],
    {
        "error": object_of(
            ["message", "type", "param", "code"],
            {
                "message": text(),
                "type": text(),
                "param": nullable_text("The field it is about: messages[0].role."),
                "code": nullable_text(),
            },
        )
    },
)
_INTEGER = Schema(type=OpenAPIType.INTEGER)
_NULLABLE_OBJECT = Schema(type=[OpenAPIType.OBJECT, OpenAPIType.NULL], additional_properties=True)
_CHECK = object_of(
    ["id", "verdict", "data", "execution_time", "transformed", "created_at", "log", "fail_on_error"],
    {
        "id": text("`default.contains`, or a kind of ours."),
        "verdict": flag("Whether it has nothing against the text."),
        "data": _NULLABLE_OBJECT,
        "error": object_of(["name", "message"], {"name": text(), "message": text()}, "Where it failed."),
        "execution_time": _INTEGER,
        "transformed": flag("Whether it replaced something."),
        "created_at": text("ISO 8601."),
        "log": _NULLABLE_OBJECT,
        "fail_on_error": flag(),
    },
)
_RESULT = object_of(
    "verdict id transformed checks feedback execution_time async type created_at deny".split(),
    {
        "verdict": flag("Whether all of its checks have nothing against the text."),
        "id": text(),
        "transformed": flag(),
        "checks": list_of(_CHECK),
        "feedback": _NULLABLE_OBJECT,
        "execution_time": Schema(type=OpenAPIType.INTEGER, description="Milliseconds."),
        "async": flag(),
        "type": text("guardrail or mutator."),
        "created_at": text("ISO 8601."),
        "deny": flag("Whether it ended the exchange."),
    },
)
_RESULTS = object_of(
    ["before_request_hooks", "after_request_hooks"],
    {"before_request_hooks": list_of(_RESULT), "after_request_hooks": list_of(_RESULT)},
    "What guardrails said that the request adds, by name, header or config, and the one that ended the "
    "exchange; nothing of what they found. A stream has each side in a chunk of its own, where strict "
    "compliance is off.",
)
_KEY = "hook_results"


def _said(hook: Hook, *findings: Finding, blocked: bool) -> tuple[Verdict, dict[str, Any]]:
    """Return a verdict of a hook, and how a caller is told of it."""
    (guardrail,) = hook.guardrails
    verdict = Verdict(
        guardrail.name,
        hook.side,
        Decision.BLOCK if blocked else Decision.FLAG,
        guardrail.action,
        Mode.ENFORCE,
        blocked=blocked,
        findings=findings,
        started_ns=1_790_000_000_000_000_000,
        duration_ns=1_000_000,
    )
    return verdict, {_KEY: hook_results([hook], [verdict])}


_BLOCKING, _DENIAL = _said(
    Hook(
        id="no-secrets",
        side=Side.INPUT,
        deny=True,
        checks=(HookCheck("secrets"),),
        guardrails=(Guardrail("no-secrets", frozenset({Side.INPUT}), (), Action.BLOCK),),
    ),
    Finding("secrets", "github_token", "messages[0].content", 0, 40, 1.0, ""),
    blocked=True,
)
_, _COMPLAINT = _said(
    Hook(
        id="no-bluebird",
        side=Side.OUTPUT,
        deny=False,
        checks=(HookCheck("default.contains"),),
        guardrails=(Guardrail("no-bluebird", frozenset({Side.OUTPUT}), (), Action.FLAG),),
        on_fail=Feedback(value=-1),
    ),
    Finding("default.contains", "found", "choices[0].message.content", 0, 8, 1.0, ""),
    blocked=False,
)
BLOCKED = OpenAPIResponse(
    description="A guardrail ended the exchange: it denies the request, or the whole answer.",
    content={
        "application/json": json_of(
            replace(ERROR, properties={**(ERROR.properties or {}), _KEY: _RESULTS}),
            "Blocked",
            blocked_body(_BLOCKING) | _DENIAL,
        )
    },
)
"""Status 446."""


def flagged(answer: dict[str, OpenAPIMediaType]) -> OpenAPIResponse:
    """Return what an answer is with status 246.

    Args:
        answer: by media type, as it is with status 200.
    """
    return OpenAPIResponse(
        description="The answer, although a guardrail without `deny` complains of the request or of it.",
        content={name: _with_results(media) if "json" in name else media for name, media in answer.items()},
    )


def _with_results(media: OpenAPIMediaType) -> OpenAPIMediaType:
    schema, examples = media.schema, media.examples or {}
    assert isinstance(schema, Schema), "every answer is written out"
    told: dict[str, Any] = {
        name: Example(value={**cast("dict[str, Any]", one.value), **_COMPLAINT})
        for name, one in examples.items()
        if isinstance(one, Example)
    }
    properties = {**(schema.properties or {}), _KEY: _RESULTS}
    required = [*(schema.required or ()), _KEY]
    return OpenAPIMediaType(schema=replace(schema, properties=properties, required=required), examples=told)
