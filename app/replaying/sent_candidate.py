"""A candidate that somebody sends: only what reaches nothing but the record.

What a file may say beyond it is the operator's alone: no variable of the environment is read, no file is
opened, and checks that ask other services are refused, as in configs that come with requests
(`app/routing/hooks.py`): recorded texts would go wherever the sender says.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import InvalidRequest
from app.replaying.candidate import Candidate
from guardrails import Checks, ConfigError, Guardrail
from guardrails.config import guardrail
from guardrails.registry import is_remote


def sent_candidate(
    guardrails: Mapping[str, Mapping[str, Any]], bound: Mapping[str, tuple[str, ...]], path: str
) -> Candidate:
    """Return the candidate.

    Args:
        guardrails: as in a configuration, by name.
        bound: names of those that each key binds, by the key's name.
        path: where both stand, for errors.

    Raises:
        InvalidRequest: it cannot be used; `param` says where.
    """
    if not guardrails:
        raise InvalidRequest("There are no guardrails to be tried.", param=f"{path}.guardrails")
    checks = Checks()
    built = [_guardrail(name, spec, f"{path}.guardrails.{name}", checks) for name, spec in guardrails.items()]
    for key, names in bound.items():
        for i, name in enumerate(names):
            if name not in guardrails:
                place = f"{path}.keys.{key}.guardrails[{i}]"
                raise InvalidRequest(f"No guardrail is named {name[:64]!r} here.", param=place)
    return Candidate(built, bound)


def _guardrail(name: str, spec: Mapping[str, Any], path: str, checks: Checks) -> Guardrail:
    _refuse_remote(spec, path)
    try:
        return guardrail(name, spec, path, checks=checks)
    except ConfigError as error:
        raise InvalidRequest(f"The candidate cannot be used: {error}.", param=error.path) from None


def _refuse_remote(spec: Mapping[str, Any], path: str) -> None:
    asked = spec.get("checks")
    for i, check in enumerate(asked if isinstance(asked, list) else ()):
        for kind in check if isinstance(check, dict) else ():
            if is_remote(kind):
                message = "Asks another service; such a check is replayed by `handrail records replay` only."
                raise InvalidRequest(message, param=f"{path}.checks[{i}].{kind}")
