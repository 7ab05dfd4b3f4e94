"""Guardrails sent by header: read once, marked, above every node, and refused with header and path."""

import json
from typing import Any

import msgspec
import pytest

from app.domain.errors import InvalidRequest
from app.routing import sent_guardrails
from app.routing.hooks import HookReader, NodeGuards
from app.routing.sent_guardrails import SentGuardrails
from app.routing.wish import NO_WISH, Wish

JUDGES: dict[str, Any] = {"id": "pg", "contains": {"words": ["a"]}}
INPUT, OUTPUT = "x-portkey-default-input-guardrails", "x-portkey-default-output-guardrails"


def sent() -> SentGuardrails:
    return SentGuardrails(HookReader(named=("own",)))


def wish(*asked: Any, answered: list[Any] | None = None) -> Wish:
    return Wish(
        input_guardrails=json.dumps(asked) if asked else None,
        output_guardrails=None if answered is None else json.dumps(answered),
    )


def names(node: NodeGuards) -> list[tuple[str, str]]:
    return [(hook.side.value, one.name) for hook in node.hooks for one in hook.guardrails]


def test_nothing_is_what_empty_lists_say() -> None:
    assert sent().of(NO_WISH) == sent().of(Wish(input_guardrails="[]", output_guardrails=" [ ]")) == ()


def test_both_headers_make_one_node_above_every_other() -> None:
    (node,) = sent().of(wish("own", JUDGES, answered=["own", JUDGES, {**JUDGES, "deny": True}]))
    assert (node.path, node.names) == ("", ("own",))
    assert names(node) == [("input", "pg~header"), ("output", "pg~header"), ("output", "pg~2~header")]
    assert {hook.id for hook in node.hooks} == {"pg"}


def test_the_same_texts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_guardrails, "MAX_KEPT", 1)
    guardrails = sent()
    (first,) = guardrails.of(wish(JUDGES))
    (again,) = guardrails.of(wish(JUDGES))
    assert first is again
    (other,) = guardrails.of(wish(answered=[JUDGES]))
    assert names(other) == [("output", "pg~header")]
    assert guardrails.of(wish(JUDGES))[0] is not first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{'contains': {}}]", "json.dumps"),
        ("{}", "array"),
        ("[" * 70 + "]" * 70, "nested too deeply"),
        ('["\ud800"]', "UTF-8"),
        ('["\\ud800"]', "surrogate"),
        ('[{"id": "a", "id": "b"}]', "twice"),
        ('["nobody"]', "default.{key}[0]: no guardrail is named 'nobody'"),
        ("[7]", "default.{key}[0]: expected an object"),
        ('[{"nobody": {}}]', "default.{key}[0].nobody: there is no check"),
        ('[{"regexMatch": {"rule": "("}}]', "default.{key}[0].regexMatch"),
        ('[{"webhook": {"webhookURL": "http://169.254.169.254/"}}]', "only a saved config may"),
        ('[{"id": "own", "notNull": {}}]', "default.{key}[0].id"),
        ("[" + ",".join(['{"notNull": {}}'] * 65) + "]", "at most 64"),
    ],
)
@pytest.mark.parametrize("header", [INPUT, OUTPUT])
def test_what_cannot_be_used_is_refused_with_header_and_path(header: str, text: str, says: str) -> None:
    key = header.removeprefix("x-portkey-default-").replace("-", "_")
    with pytest.raises(InvalidRequest) as caught:
        sent().of(msgspec.structs.replace(NO_WISH, **{key: text}))
    assert (caught.value.param, caught.value.code) == (header, "invalid_guardrails")
    assert header in caught.value.message
    assert says.format(key=key) in caught.value.message


def test_none_may_be_sent_where_nobody_hears() -> None:
    sent().require_none(Wish(input_guardrails="[]"))
    for asked, header in ((wish(JUDGES), INPUT), (wish(answered=[JUDGES]), OUTPUT)):
        with pytest.raises(InvalidRequest, match="passed on unread") as caught:
            sent().require_none(asked)
        assert caught.value.param == header
