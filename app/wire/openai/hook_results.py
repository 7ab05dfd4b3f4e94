"""`hook_results`: what a caller is told of guardrails, in the shape that Portkey's SDKs know.

Nothing here repeats a text: what was found is told by rule, place and count, as in the body of a denial
(`app/wire/openai/errors.py`). Portkey tells the matched text and the first hundred characters as well; the
keys of these stay, and are empty. Parameters of checks are not told either: they may be what an operator
keeps to himself.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from app.wire.openai.errors import found_in_words
from guardrails import Action, Finding, Mode, Side, Verdict
from guardrails.portkey.hook import Hook, HookCheck

_NS_IN_MS = 1_000_000
_BEFORE, _AFTER = "before_request_hooks", "after_request_hooks"
_KEPT_EMPTY: dict[str, dict[str, Any]] = {
    "default.regexMatch": {"textExcerpt": "", "matchDetails": None},
    "default.contains": {},
}
"""Keys of `data` that hold texts in Portkey's (gateway 1.15); where nothing else is said: `textExcerpt`."""


def hook_results(hooks: Sequence[Hook], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the results of both sides.

    Args:
        hooks: that the caller is told about, in order.
        verdicts: of the exchange. A hook none of whose guardrails has looked at anything has no result.
    """
    results: dict[str, list[dict[str, Any]]] = {_BEFORE: [], _AFTER: []}
    for case in _cases(hooks, verdicts):
        results[_BEFORE if case.hook.side is Side.INPUT else _AFTER].append(case.result())
    return results


def complaint(hooks: Sequence[Hook], verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the first verdict of a hook that failed and does not deny: status 246."""
    if not any(one.findings or one.error for one in verdicts):
        return None
    failed = (case for case in _cases(hooks, verdicts) if not case.hook.deny and not case.holds)
    return next((one for case in failed for one in case.verdicts), None)


def _cases(hooks: Sequence[Hook], verdicts: Sequence[Verdict]) -> "list[_Case]":
    by_name = {(one.side, one.guardrail): one for one in verdicts}
    cases: list[_Case] = []
    for hook in hooks:
        if hook.is_async:
            continue
        own = (by_name.get((hook.side, one.name)) for one in hook.guardrails)
        said = tuple(one for one in own if one is not None)
        if any(one.complete or one.findings or one.error for one in said):
            cases.append(_Case(hook, said))
    return cases


class _Case:
    """A hook and what its guardrails said."""

    def __init__(self, hook: Hook, verdicts: tuple[Verdict, ...]) -> None:
        self.hook = hook
        self.verdicts = verdicts
        judging = [one for one in verdicts if one.action is not Action.REDACT]
        self._found = [finding for one in judging for finding in one.findings]
        self._changed = [
            finding
            for one in verdicts
            if one.action is Action.REDACT and one.mode is Mode.ENFORCE
            for finding in one.findings
        ]
        self._error = next((one.error for one in verdicts if one.error is not None), None)
        self._checks = [self._check(check) for check in hook.checks]

    @property
    def holds(self) -> bool:
        """Whether the hook's verdict is true."""
        return all(
            one["verdict"] or ("error" in one and check.excuses_errors)
            for one, check in zip(self._checks, self.hook.checks, strict=True)
        )

    def result(self) -> dict[str, Any]:
        ended = any(one.blocked for one in self.verdicts)
        return {
            "verdict": self.holds and not ended,
            "id": self.hook.id,
            "transformed": any(one["transformed"] for one in self._checks),
            "checks": self._checks,
            "feedback": self._feedback(),
            "execution_time": self._execution_ms,
            "async": False,
            "type": self.hook.type,
            "created_at": self._created_at,
            "deny": ended,
        }

    def _check(self, check: HookCheck) -> dict[str, Any]:
        found = [one for one in self._found if one.check == check.id] if check.judges else []
        changed = [one for one in self._changed if one.check == check.id]
        is_errored = not found and self._error is not None and self._is_to_blame(check)
        verdict = not found and not is_errored
        result = {
            "data": None if is_errored else _data(check, verdict, found or changed),
            "verdict": verdict,
            "id": check.id,
            "execution_time": self._execution_ms,
            "transformed": bool(changed),
            "created_at": self._created_at,
            "log": None,
            "fail_on_error": not check.excuses_errors,
        }
        if is_errored:
            result["error"] = {"name": self._error, "message": "The check could not decide."}
        return result

    def _is_to_blame(self, check: HookCheck) -> bool:
        """Whether an error may be of this check: a verdict does not say whose; who asks others may fail."""
        return check.asks or not any(one.asks for one in self.hook.checks)

    @property
    def _execution_ms(self) -> int:
        return sum(one.duration_ns for one in self.verdicts) // _NS_IN_MS

    @property
    def _created_at(self) -> str:
        started_ns = min((one.started_ns for one in self.verdicts if one.started_ns), default=0)
        moment = datetime.fromtimestamp((started_ns or time.time_ns()) / 1e9, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _feedback(self) -> dict[str, Any] | None:
        given = self.hook.on_success if self.holds else self.hook.on_fail
        if given is None:
            return None
        return {
            "value": given.value,
            "weight": given.weight,
            "metadata": {
                **given.metadata,
                "successfulChecks": _listed(one["id"] for one in self._checks if one["verdict"]),
                "failedChecks": _listed(
                    one["id"] for one in self._checks if not one["verdict"] and "error" not in one
                ),
                "erroredChecks": _listed(one["id"] for one in self._checks if "error" in one),
            },
        }


def _data(check: HookCheck, verdict: bool, findings: Sequence[Finding]) -> dict[str, Any]:
    is_portkeys = check.id.startswith("default.")
    kept = _KEPT_EMPTY.get(check.id, {"textExcerpt": ""}) if is_portkeys else {}
    said = found_in_words(findings) if findings else "Nothing was found."
    return {"explanation": said, "verdict": verdict, "findings": len(findings), **kept}


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(ids)
