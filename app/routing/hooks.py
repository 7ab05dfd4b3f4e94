"""The guardrails of a config's nodes: names of configured ones, and those written out, ready to use.

Portkey's objects become guardrails here, once for each config. A config that comes with a request may bring
any that works in this process; one that asks another service could reach into the operator's network, so that
only a saved config has such.
"""

from collections.abc import Callable, Collection, Mapping

import msgspec

from app.routing.config import Guards
from app.routing.config_error import ConfigError, item, member, shown
from guardrails import Checks, Side
from guardrails import ConfigError as GuardrailError
from guardrails.portkey.hook import Hook
from guardrails.portkey.hook_fields import Form
from guardrails.portkey.hooks import read_hook

_LISTS: tuple[tuple[str, Side, Form], ...] = (
    ("before_request_hooks", Side.INPUT, "raw"),
    ("input_guardrails", Side.INPUT, "shorthand"),
    ("input_mutators", Side.INPUT, "shorthand"),
    ("after_request_hooks", Side.OUTPUT, "raw"),
    ("output_guardrails", Side.OUTPUT, "shorthand"),
    ("output_mutators", Side.OUTPUT, "shorthand"),
)
"""In Portkey's order: raw hooks come first."""


class NodeGuards(msgspec.Struct, frozen=True):
    """The guardrails of one node: to be run once for it, not for each attempt below."""

    path: str
    """Of the node; empty for what is above every node: what came by header."""
    names: tuple[str, ...] = ()
    """Of configured ones; on which side each works it says itself."""
    hooks: tuple[Hook, ...] = ()

    @property
    def is_sent(self) -> bool:
        """Whether they came by header, from the caller."""
        return not self.path

    def brings(self, guardrail: str) -> bool:
        """Return whether a guardrail is one of these, by the name that its verdicts have."""
        return guardrail in self.names or any(
            guardrail == one.name for hook in self.hooks for one in hook.guardrails
        )


class HookReader:
    """Reads the guardrails of many configs.

    Args:
        checks: by which they are built; without services, none may ask another one.
        named: names of the configured guardrails; None: that is asked when they are selected.
        scrub: takes secrets and personal data out; an id that it would change is refused, for rows, spans
            and lines call the guardrail by it.
    """

    def __init__(
        self,
        checks: Checks | None = None,
        named: Collection[str] | None = None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self._checks = Checks() if checks is None else checks
        self._named = named
        self._scrub = scrub

    def of_config(self, mark: str = "") -> "ConfigHooks":
        """Return what reads those of one config; `mark` ends what rows and spans call its hooks."""
        return ConfigHooks(self._checks, self._named, mark, self._scrub)


class ConfigHooks:
    """Reads the guardrails of one config, node by node; equal ones are one."""

    def __init__(
        self, checks: Checks, named: Collection[str] | None, mark: str, scrub: Callable[[str], str]
    ) -> None:
        self._checks = checks
        self._named = named
        self._mark = mark
        self._scrub = scrub
        self._hooks: dict[tuple[str, str], Hook] = {}
        self._names: set[tuple[Side, str]] = set()

    def of_node(self, path: str, guards: Guards) -> NodeGuards:
        """Return the guardrails of a node.

        Raises:
            ConfigError: one cannot be used, or names one that does not exist.
        """
        names: list[str] = []
        hooks: list[Hook] = []
        for key, side, form in _LISTS:
            for index, guard in enumerate(getattr(guards, key)):
                place = item(member(path, key), index)
                if isinstance(guard, str):
                    names.append(self._known(guard, place))
                else:
                    hooks.append(self._hook(guard, side, form, key, place))
        return NodeGuards(path, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(hooks)))

    def _known(self, name: str, path: str) -> str:
        if self._named is not None and name not in self._named:
            there = f"there are {', '.join(self._named)}" if self._named else "none is configured"
            raise ConfigError(path, f"no guardrail is named {shown(name)!r}; {there}")
        return name

    def _hook(self, guard: Mapping[str, object], side: Side, form: Form, key: str, path: str) -> Hook:
        written = (key, repr(guard))
        hook = self._hooks.get(written)
        if hook is None:
            try:
                hook = self._hooks[written] = read_hook(
                    guard,
                    side,
                    form,
                    path,
                    checks=self._checks,
                    name_of=lambda id_: self._name(id_, side, path),
                    type_="mutator" if key.endswith("mutators") else "guardrail",
                )
            except GuardrailError as error:
                raise ConfigError(error.path, error.message) from error
        return hook

    def _name(self, id_: str, side: Side, path: str) -> str:
        """Return what rows and spans call the guardrail of this id: the id, unless another one has it."""
        if self._named is not None and id_ in self._named:
            raise ConfigError(f"{path}.id", f"{id_} is a configured guardrail; list it by its name instead")
        if self._scrub(id_) != id_:
            raise ConfigError(f"{path}.id", "holds a secret or personal data, and so can be no name")
        name, number = f"{id_}{self._mark}", 1
        while (side, name) in self._names:
            number += 1
            name = f"{id_}~{number}{self._mark}"
        self._names.add((side, name))
        return name
