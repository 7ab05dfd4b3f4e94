"""Reads hooks: Portkey's guardrails, as they stand in its configs.

    {"id": "pg-1", "type": "guardrail", "deny": true, "on_fail": {"feedback": {"value": -1}},
     "checks": [{"id": "default.contains", "parameters": {"words": ["x"]}, "is_enabled": true}]}

is one of `before_request_hooks` or `after_request_hooks`; among `input_guardrails` and `output_guardrails`
the same is said shorter, every key that is none of a hook's being the id of a check:

    {"id": "pg-1", "deny": true, "contains": {"words": ["x"]}}

An id without a dot is Portkey's `default.` of that name, else one of our own kinds (`pii`, `secrets`). What
is different from Portkey's, always for the stricter:

- A check that does not exist is an error, and so is a hook without any; a hook that says no `type` has one.
- `deny` makes an error of a check block too, unless the check says `failOnError: false`. Without `deny` an
  error fails the hook; only a text that could not be redacted is never sent, or released, as it is.
- `sequential` changes nothing: every check judges what came, and not what another check made of it, so what
  one redacts can still fail another. All redactions apply, not the last one alone.
- What gives a verdict blocks or flags; what replaces (`regexReplace`, a `webhook` that sends another text, in
  a hook of type `mutator` or with `redact: true` any check of ours that finds characters) redacts.
"""

import hashlib
import string
from collections.abc import Callable, Mapping

import msgspec

from guardrails.check import AnyCheck, is_redactable
from guardrails.config import Checks, require_heard
from guardrails.decoding import ConfigError, decode
from guardrails.guardrail import Guardrail
from guardrails.portkey.halves import ChangesOf, VerdictsOf
from guardrails.portkey.hook import Hook, HookCheck, HookType
from guardrails.portkey.hook_fields import Controls, Form, RawCheck, taken_apart
from guardrails.portkey.ids import PORTKEY_CHECKS, PORTKEY_REMOTE_CHECKS
from guardrails.portkey.replacing import RegexReplace
from guardrails.portkey.webhook import Webhook
from guardrails.registry import is_remote, known_checks
from guardrails.scope import EVERYTHING
from guardrails.verdict import Action, Mode, OnError, Side

_PREFIX = "default."
_DIGITS = string.digits + string.ascii_lowercase
_SPELLINGS = {kind.lower(): kind for kind in (*PORTKEY_CHECKS, *PORTKEY_REMOTE_CHECKS)}
"""Portkey's own documents write some ids in small letters that its gateway does not know so."""
_ASKING_MS = 3_000
"""What a check that asks another service has where it says nothing (Portkey's `webhook`)."""
_DECIDING_MS = 1_000
_MAX_MS = 600_000


class _Parameters(msgspec.Struct, frozen=True):
    """What any check may be told beside its own."""

    is_enabled: bool = True
    fail_on_error: bool | None = msgspec.field(default=None, name="failOnError")
    redact: bool = False
    fail_on_detection: bool = msgspec.field(default=False, name="failOnDetection")
    timeout: float | None = None
    timeout_ms: float | None = None


class _Asked(msgspec.Struct, frozen=True):
    """A check of a hook, built."""

    told: HookCheck
    check: AnyCheck
    changes: bool
    fail_on_error: bool | None
    patience_ms: int


def read_hook(  # noqa: PLR0913 (what a hook depends on)
    given: Mapping[str, object],
    side: Side,
    form: Form,
    path: str,
    *,
    checks: Checks,
    name_of: Callable[[str], str] = str,
    type_: HookType = "guardrail",
) -> Hook:
    """Return the hook that an object describes.

    Args:
        given: as it came.
        side: what it hears, which the list says that it stands in.
        form: how it is written.
        path: where it stands, for errors.
        checks: of the configuration it belongs to; those of callers have no services.
        name_of: returns what rows and spans call the guardrail of an id: no two of them alike.
        type_: of a hook that says none.

    Raises:
        ConfigError: it is none, or a check of it does not exist or cannot be used.
    """
    controls, items = taken_apart(given, form, path)
    if not items:
        raise ConfigError(path, "has no check, so that it would only seem to look at something")
    kind = controls.type or type_
    reader = _Reader(checks, side, kind)
    found = [reader.asked(one, place) for one, place in items]
    asked = [one for one in found if one is not None]
    id_ = controls.id or _default_id(given, side)
    return Hook(
        id=id_,
        side=side,
        deny=controls.deny,
        checks=tuple(one.told for one in asked),
        guardrails=_guardrails(name_of(id_), side, controls, asked),
        is_async=controls.is_async,
        type=kind,
        on_success=None if controls.on_success is None else controls.on_success.feedback,
        on_fail=None if controls.on_fail is None else controls.on_fail.feedback,
    )


class _Reader:
    """Reads the checks of one hook."""

    def __init__(self, checks: Checks, side: Side, type_: HookType) -> None:
        self._checks = checks
        self._side = side
        self._type = type_

    def asked(self, one: RawCheck, path: str) -> _Asked | None:
        """Return a check, built; None: it is switched off."""
        given = dict(one.parameters or {})
        said = decode(_Parameters, given, path)
        if not (one.is_enabled and said.is_enabled):
            return None
        kind = _kind(one.id, path)
        is_ours = not kind.startswith(_PREFIX)
        for name in ("is_enabled", "failOnError", *(("redact",) if is_ours else ())):
            given.pop(name, None)
        if is_remote(kind) and not self._checks.has_services:
            raise ConfigError(
                path, f"{kind} asks another service, which only a saved config may; save it under `configs`"
            )
        patience_ms = _patience_ms(said, is_remote(kind))
        check = self._built(kind, given, path, patience_ms)
        require_heard(check, (self._side,), EVERYTHING, path)
        wants = is_ours and (said.redact or self._type == "mutator")
        if said.redact and is_ours and not is_redactable(check):
            raise ConfigError(f"{path}.redact", f"{kind} finds no characters to redact")
        changes = isinstance(check, RegexReplace | Webhook) or (wants and is_redactable(check))
        judges = not changes or isinstance(check, Webhook) or said.fail_on_detection
        told = HookCheck(kind, judges, excuses_errors=said.fail_on_error is False, asks=is_remote(kind))
        return _Asked(told, check, changes, said.fail_on_error, patience_ms)

    def _built(self, kind: str, given: dict[str, object], path: str, patience_ms: int) -> AnyCheck:
        try:
            return self._checks.check({kind: given}, path, patience_ms)
        except ConfigError as error:
            raise ConfigError(path + error.path.removeprefix(f"{path}.{kind}"), error.message) from error


def _guardrails(name: str, side: Side, controls: Controls, asked: list[_Asked]) -> tuple[Guardrail, ...]:
    """Return what a hook comes down to: what gives verdicts, and what redacts."""
    changing = [one for one in asked if one.changes]
    judging = [one for one in asked if one.told.judges]
    mode = Mode.MONITOR if controls.is_async else Mode.ENFORCE
    is_told = not (controls.deny or controls.is_async)
    timeout_s = max([one.patience_ms for one in asked], default=_DECIDING_MS) / 1_000
    built: list[Guardrail] = []
    if judging or not changing:
        built.append(
            Guardrail(
                name=name,
                on=frozenset({side}),
                checks=tuple(_half(VerdictsOf, one.check) for one in judging),
                action=Action.BLOCK if controls.deny else Action.FLAG,
                mode=mode,
                on_error=OnError.BLOCK if controls.deny and not _excused(judging) else OnError.ALLOW,
                timeout_s=timeout_s,
                default=False,
                tells=is_told,
            )
        )
    if changing:
        must = controls.deny or any(not isinstance(one.check, Webhook) for one in changing)
        built.append(
            Guardrail(
                name=f"{name}/redact" if built else name,
                on=frozenset({side}),
                checks=tuple(_half(ChangesOf, one.check) for one in changing),
                action=Action.REDACT,
                mode=mode,
                on_error=OnError.BLOCK if must and not _excused(changing) else OnError.ALLOW,
                timeout_s=timeout_s,
                default=False,
            )
        )
    return tuple(built)


def _half(half: type[VerdictsOf] | type[ChangesOf], check: AnyCheck) -> AnyCheck:
    return half(check) if isinstance(check, Webhook) else check


def _excused(asked: list[_Asked]) -> bool:
    """Return whether errors count as nothing found: every check says so itself."""
    return bool(asked) and all(one.fail_on_error is False for one in asked)


def _patience_ms(said: _Parameters, asks: bool) -> int:
    given = said.timeout if said.timeout_ms is None else said.timeout_ms
    least = _ASKING_MS if asks else _DECIDING_MS
    return least if given is None else int(min(max(given, _DECIDING_MS), _MAX_MS))


def _kind(id_: str, path: str) -> str:
    """Return the kind of check that an id names."""
    dotted = id_ if "." in id_ else _PREFIX + id_
    kind = _SPELLINGS.get(dotted.lower())
    if kind is not None:
        return kind
    if "." not in id_ and id_ in known_checks():
        return id_
    known = ", ".join(known_checks())
    raise ConfigError(path, f"there is no check {id_[:64]!r}; known are {known}")


def _default_id(given: Mapping[str, object], side: Side) -> str:
    """Return an id of the shape that Portkey gives: the same hook has always the same."""
    text = repr(given).encode(errors="backslashreplace")
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    digits = ""
    for _ in range(3):
        number, digit = divmod(number, len(_DIGITS))
        digits += _DIGITS[digit]
    return f"{side.value}_guardrail_{digits}"
