"""Guardrails of the gateway, the key, the config and the request add up; a caller removes none."""

import json
from typing import Any

import msgspec
import pytest

from app.domain.events import Blocked, Event, Failed
from app.domain.exchange import Caller
from app.routing.wish import Wish
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import ADDED, MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole, text_of

TEAM = Caller(name="team", guardrails=("secrecy",))


def config(**fields: Any) -> Wish:
    return Wish(config=json.dumps({"provider": "@fake", **fields}))


def is_blocked(events: list[Event]) -> bool:
    return isinstance(events[-1], Blocked)


PLACES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "gateway": (SECRECY, {}),
    "key": (ADDED, {"caller": TEAM}),
    "node": (ADDED, {"wish": config(input_guardrails=["secrecy"])}),
    "request": (ADDED, {"guardrails": ("secrecy",)}),
    "header": (ADDED, {"wish": Wish(input_guardrails='["secrecy"]')}),
    "header beside a config": (
        ADDED,
        {"wish": msgspec.structs.replace(config(), output_guardrails='["secrecy"]')},
    ),
}


@stream_and_whole
@pytest.mark.parametrize("place", PLACES)
async def test_guardrails_of_every_place_apply(place: str, stream: bool) -> None:
    spec, fields = PLACES[place]
    for question, answer in (("forbidden", "ok"), ("hi", "a forbidden answer")):
        bench = Bench(FakeProvider(*answer_of(answer)), secrecy=spec)
        assert is_blocked(await bench.run(body(question, stream=stream), **fields))


@stream_and_whole
async def test_guardrails_of_all_places_add_up(stream: bool) -> None:
    names = ("gateway", "key", "node", "request")
    specs: dict[str, dict[str, Any]] = {
        name: {
            "checks": [{"words": {"deny": [f"of{name}"]}}],
            "action": "redact",
            "default": name == "gateway",
        }
        for name in names
    }
    words = " ".join(f"of{name}" for name in names)
    bench = Bench(FakeProvider(*answer_of(words)), **specs)
    released = await bench.run(
        body(words, stream=stream),
        caller=Caller(name="team", guardrails=("key",)),
        guardrails=("request",),
        wish=config(input_guardrails=["node"]),
    )
    ((asked, _),) = bench.provider.requests
    assert "of" not in asked.document["messages"][0]["content"]
    assert "of" not in text_of(released)
    found = [(one.guardrail, one.side.value, len(one.findings)) for one in bench.record.verdicts]
    assert sorted(found) == sorted((name, side, 1) for name in names for side in ("input", "output"))


MILD = {**ADDED, "action": "flag", "mode": "monitor"}
WAYS_OUT: dict[str, dict[str, Any]] = {
    "no names": {"guardrails": ()},
    "an empty list": {"wish": config(input_guardrails=[], output_guardrails=[])},
    "the other side only": {"wish": config(output_guardrails=["watching"])},
    "a milder one": {"guardrails": ("watching",)},
    "a milder one in a config": {"wish": config(input_guardrails=["watching"])},
    "a nested config": {"wish": config(targets=[{"provider": "@fake", "input_guardrails": ["watching"]}])},
    "new messages": {
        "wish": config(override_params={"messages": [{"role": "user", "content": "a forbidden word"}]})
    },
}


@stream_and_whole
@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("place", ["gateway", "key"])
async def test_a_caller_removes_none(place: str, way: str, stream: bool) -> None:
    spec, fields = PLACES[place]
    for question, answer in (("forbidden", "ok"), ("hi", "a forbidden answer")):
        bench = Bench(
            FakeProvider(*answer_of(answer)),
            secrecy=spec,
            watching={**ADDED, "action": "flag", "mode": "monitor"},
        )
        assert is_blocked(await bench.run(body(question, stream=stream), **fields, **WAYS_OUT[way]))


HOOK: dict[str, Any] = {"id": "secrecy", "type": "guardrail", "deny": False, "checks": []}


@pytest.mark.parametrize("key", ["input_guardrails", "before_request_hooks"])
async def test_a_guardrail_that_a_caller_describes_under_the_name_of_another_replaces_none(key: str) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=SECRECY)
    (last,) = (await bench.run(body("forbidden"), wish=config(**{key: [HOOK]})))[-1:]
    assert isinstance(last, Blocked | Failed)
    assert bench.provider.requests == []


async def test_a_key_that_binds_a_config_takes_no_other() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=ADDED)
    caller = Caller(name="team", config="bound")
    (last,) = await bench.run(body("forbidden"), caller=caller, wish=config())
    assert isinstance(last, Failed)
    assert "bound to the config" in last.error.message


QUOTING: dict[str, dict[str, Any]] = {
    "the whole match": {"output_mutators": [{"regexReplace": {"rule": "/.+/g", "redactText": "$&"}}]},
    "a group": {"output_mutators": [{"regexReplace": {"rule": "(.+)", "redactText": "$1"}}]},
    "by a check of ours": {
        "output_mutators": [{"regex": {"pattern": ".+", "per": "text", "replace": "$&"}}],
    },
}


@stream_and_whole
@pytest.mark.parametrize("way", QUOTING)
async def test_no_config_puts_back_what_is_taken_out(way: str, stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of(f"write to {MAIL} now")), privacy=PRIVACY)
    released = await bench.run(body("hi", stream=stream), wish=config(**QUOTING[way]))
    assert MAIL not in text_of(released)
    assert "[EMAIL]" in text_of(released)


WRITING: dict[str, dict[str, Any]] = {
    "a mutator": {"input_mutators": [{"regexReplace": {"rule": "/XX/g", "redactText": "{text}"}}]},
    "a check of ours": {"input_mutators": [{"words": {"deny": ["XX"], "replace": "{text}"}}]},
    "a prefix": {"input_guardrails": [{"default.addPrefix": {"prefix": "{text} "}}]},
    "a node below": {
        "strategy": {"mode": "fallback"},
        "provider": None,
        "targets": [
            {
                "provider": "@fake",
                "input_mutators": [{"regexReplace": {"rule": "XX", "redactText": "{text}"}}],
            }
        ],
    },
}


def writing(way: str, text: str) -> Wish:
    fields = {"provider": "@fake", **json.loads(json.dumps(WRITING[way]).replace("{text}", text))}
    return Wish(config=json.dumps({name: value for name, value in fields.items() if value is not None}))


@pytest.mark.parametrize("way", WRITING)
async def test_what_a_callers_guardrail_writes_is_screened(way: str) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    await bench.run(body("say XX, bob@example.com"), wish=writing(way, MAIL))
    ((asked, _),) = bench.provider.requests
    assert "[EMAIL]" in asked.document["messages"][0]["content"]
    assert "example.com" not in json.dumps(asked.document)
    said = next(one for one in bench.record.verdicts if one.guardrail == "privacy")
    assert [one.part for one in said.findings] == ["messages[0].content", "config"]


@pytest.mark.parametrize("way", WRITING)
async def test_what_a_callers_guardrail_writes_may_be_blocked(way: str) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=SECRECY)
    assert is_blocked(await bench.run(body("say XX"), wish=writing(way, "forbidden")))
    assert not bench.provider.requests


async def test_what_guardrails_of_a_header_write_is_screened() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    prefix = json.dumps([{"default.addPrefix": {"prefix": f"{MAIL} "}}])
    await bench.run(body("hi"), wish=Wish(input_guardrails=prefix))
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0]["content"] == "[EMAIL] hi"


async def test_what_a_callers_guardrail_takes_out_joins_nothing_unseen() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    joined = config(input_mutators=[{"regexReplace": {"rule": "(e)[(]QQ[)]", "redactText": "$1"}}])
    await bench.run(body("alice(QQ)@example.com"), wish=joined)
    ((asked, _),) = bench.provider.requests
    assert MAIL not in asked.document["messages"][0]["content"]


FORWARDED: dict[str, Wish] = {
    "by header": Wish(forward_headers=("x-note",)),
    "by config": config(forward_headers=["x-note"]),
}


@pytest.mark.parametrize("way", FORWARDED)
async def test_headers_that_a_provider_gets_are_screened(way: str) -> None:
    asked: list[Any] = []
    events: list[Event] = []
    for value in (b"nothing", b"a forbidden note", b"to alice@example.com"):
        bench = Bench(FakeProvider(*answer_of("ok")), secrecy=SECRECY, privacy=PRIVACY)
        events = await bench.run(body("hi"), wish=FORWARDED[way], headers=[(b"x-note", value)])
        asked += [one.headers for one, _ in bench.provider.requests]
    assert asked == [(("x-note", "nothing"),)]
    assert isinstance(events[-1], Failed)
    assert events[-1].error.body()["error"]["code"] == "header_refused"


BLOCKED_LATE: dict[str, dict[str, Any]] = {
    "a parameter": {"wish": config(override_params={"note": "forbidden"})},
    "a header": {"wish": FORWARDED["by header"], "headers": [(b"x-note", b"forbidden")]},
    "a model": {"wish": config(override_params={"model": "forbidden"})},
}


@pytest.mark.parametrize("way", BLOCKED_LATE)
async def test_what_blocks_late_is_on_record(way: str) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=SECRECY)
    assert is_blocked(await bench.run(body("hi"), **BLOCKED_LATE[way]))
    assert [one.blocked for one in bench.record.verdicts] == [True]
