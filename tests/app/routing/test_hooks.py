"""The guardrails of a config's nodes: read once, named apart, and refused with the path of what is wrong."""

from typing import Any

import pytest

from app.routing.config_error import ConfigError
from app.routing.config_reader import read_config
from app.routing.hooks import HookReader, NodeGuards
from app.routing.tree import leaves, prepare
from guardrails import Checks
from tests.guardrails.remote.asked import Service

REPLACES = {"regexReplace": {"rule": "a"}}
JUDGES = {"contains": {"words": ["a"]}}
WEBHOOK = {"webhook": {"webhookURL": "http://hook/"}}


def nodes(hooks: HookReader | None = None, **config: Any) -> tuple[NodeGuards, ...]:
    (leaf,) = leaves(prepare(read_config({"provider": "@a", **config}), hooks))
    return leaf.guards


def names(node: NodeGuards) -> list[str]:
    return [one.name for hook in node.hooks for one in hook.guardrails]


def test_names_and_hooks_stand_side_by_side_and_raw_hooks_come_first() -> None:
    (node,) = nodes(
        input_guardrails=["own", {"id": "short", **JUDGES}],
        output_guardrails=["own"],
        before_request_hooks=[{"id": "raw", "checks": [{"id": "notNull"}]}],
        output_mutators=[{"id": "mutator", **REPLACES}],
    )
    assert node.names == ("own",)
    assert [(hook.id, hook.side.value, hook.type) for hook in node.hooks] == [
        ("raw", "input", "guardrail"),
        ("short", "input", "guardrail"),
        ("mutator", "output", "mutator"),
    ]


def test_a_node_brings_what_its_verdicts_are_called() -> None:
    (node,) = nodes(input_guardrails=["own", {"id": "pg", **JUDGES, **REPLACES}])
    assert [node.brings(name) for name in ("own", "pg", "pg/redact", "other")] == [True, True, True, False]


def test_equal_hooks_are_one_and_others_of_the_same_id_have_names_of_their_own() -> None:
    one, other = {"id": "pg", **JUDGES}, {"id": "pg", **REPLACES}
    config = {"strategy": {"mode": "fallback"}, "input_guardrails": [one]}
    targets = [{"provider": "@a", "input_guardrails": [guard]} for guard in (one, other)]
    first, second = leaves(prepare(read_config({**config, "targets": targets})))
    assert first.guards[0].hooks == first.guards[1].hooks == second.guards[0].hooks
    assert names(second.guards[1]) == ["pg~2"]
    assert second.guards[1].hooks[0].id == "pg"
    both = nodes(input_guardrails=[one], output_guardrails=[one])
    assert names(both[0]) == ["pg", "pg"]


@pytest.mark.parametrize(
    ("guards", "path", "said"),
    [
        ({"input_guardrails": ["x", "nobody"]}, "c.input_guardrails[1]", "no guardrail is named 'nobody'"),
        ({"output_guardrails": ["pg-abc"]}, "c.output_guardrails[0]", "there are x"),
        ({"input_guardrails": [{"id": "x", **JUDGES}]}, "c.input_guardrails[0].id", "list it by its name"),
        ({"input_guardrails": [{"nobody": {}}]}, "c.input_guardrails[0].nobody", "there is no check"),
        ({"after_request_hooks": [{"id": "a"}]}, "c.after_request_hooks[0]", "has no check"),
        ({"input_guardrails": [WEBHOOK]}, "c.input_guardrails[0].webhook", "only a saved config"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_path(guards: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prepare(read_config({"provider": "@a", **guards}, path="c"), HookReader(named=("x",)))
    assert caught.value.path == path
    assert said in caught.value.message


def test_a_saved_config_may_ask_services() -> None:
    reader = HookReader(Checks(Service(lambda _: {"verdict": True}).services), ())
    (node,) = nodes(reader, input_guardrails=[{"id": "hook", **WEBHOOK}])
    assert names(node) == ["hook", "hook/redact"]


def test_an_id_with_something_to_hide_is_refused_and_not_repeated() -> None:
    hooks = HookReader(scrub=lambda text: text.replace("a@b.example", "[EMAIL]"))
    with pytest.raises(ConfigError, match="can be no name") as caught:
        nodes(hooks, output_guardrails=[{"id": "of-a@b.example", **JUDGES}])
    assert (caught.value.path, "b.example" in str(caught.value)) == ("config.output_guardrails[0].id", False)
    assert names(*nodes(hooks, input_guardrails=[{"id": "of-nobody", **JUDGES}])) == ["of-nobody"]
