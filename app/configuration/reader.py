"""From a file, or from none, to a configuration that can be run.

The text is read once, by the process that starts the service, and handed to its workers: so all of them run
the same one.
"""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from app.catalogue.catalogue import Catalogue
from app.catalogue.problem import CatalogueError
from app.configuration.conversion import Conversion
from app.configuration.environment import Environment
from app.configuration.problems import InvalidConfiguration, Problem
from app.configuration.rules import require
from app.configuration.services import LateServices
from app.configuration.surroundings import placed, providers_from
from app.configuration.yaml_tree import Tree, parse
from app.secret import Secret
from app.settings import CacheSettings, ServerSettings, Settings
from guardrails import Guardrail
from guardrails.config import Checks, ConfigError, guardrail

CONFIG_VARIABLE = "HANDRAIL_CONFIG"
DEFAULT_FILE = "handrail.yaml"
BUILT_IN = "built-in defaults"
_VERSION_DIGITS = 16


class Source(msgspec.Struct, frozen=True):
    """Where a configuration comes from. Can be pickled."""

    name: str
    """The file's name as given, or `BUILT_IN`."""
    text: str = ""


class Overrides(msgspec.Struct, frozen=True):
    """What the command line says instead of the file. Can be pickled."""

    host: str | None = None
    port: int | None = None
    workers: int | None = None


class Configuration(msgspec.Struct, frozen=True):
    """All that is configured, and consistent."""

    source: str
    version: str
    """Hash of the text as written: of the names of variables, not of what they hold."""
    settings: Settings
    guardrails: tuple[Guardrail, ...]
    catalogue: Catalogue
    services: LateServices
    """What the guardrails' remote checks ask by; to be connected before any is asked."""


def find(named: str | None, environ: Mapping[str, str], folder: Path) -> Source:
    """Return the source: the file that is named, that of `HANDRAIL_CONFIG`, `handrail.yaml`, or the defaults.

    Args:
        named: by the command line.
        environ: of the process.
        folder: where `handrail.yaml` is looked for.

    Raises:
        InvalidConfiguration: the file cannot be read.
    """
    if name := named or environ.get(CONFIG_VARIABLE):
        return Source(name, _read(Path(name), name))
    if (folder / DEFAULT_FILE).exists():
        return Source(DEFAULT_FILE, _read(folder / DEFAULT_FILE, DEFAULT_FILE))
    return Source(BUILT_IN)


def configure(
    source: Source, environ: Mapping[str, str], overrides: Overrides | None = None
) -> Configuration:
    """Return the configuration that the source describes in this environment.

    Without a file it is the defaults, with the providers whose keys are in the environment.

    Raises:
        InvalidConfiguration: with everything that is wrong.
    """
    tree = Tree({}, {})
    try:
        tree = parse(source.text)
        services = LateServices()
        settings, guardrails = _typed(tree, environ, services)
        catalogue = _catalogue(settings)
        providers = providers_from(environ, catalogue) if source.name == BUILT_IN else settings.providers
        settings = msgspec.structs.replace(
            settings,
            providers={slug: placed(one, environ, catalogue) for slug, one in providers.items()},
            server=_overridden(settings.server, overrides or Overrides()),
            cache=_with_redis(settings.cache, settings.redis_url),
        )
        require(settings, settings.guardrails, catalogue)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(_placed(error.problems, tree), source.name) from None
    version = hashlib.sha256(source.text.encode()).hexdigest()[:_VERSION_DIGITS]
    return Configuration(source.name, version, settings, guardrails, catalogue, services)


def _with_redis(cache: CacheSettings, url: Secret | None) -> CacheSettings:
    """Return the cache's settings with the address of the Redis that is for everything, if it needs one."""
    needs = cache.store == "redis" and cache.url is None
    return msgspec.structs.replace(cache, url=url) if needs else cache


def _typed(
    tree: Tree, environ: Mapping[str, str], services: LateServices
) -> tuple[Settings, tuple[Guardrail, ...]]:
    environment = Environment(environ)
    values = environment.fill(tree.values)
    conversion = Conversion(environment.paths)
    settings = conversion.struct(values, Settings)
    checks = Checks(services.services)
    guardrails, mistakes = _guardrails(values.get("guardrails"), environment.paths, checks)
    unfilled = {problem.path for problem in environment.problems}
    consequences = (*conversion.problems, *mistakes)
    problems = [*environment.problems, *(one for one in consequences if one.path not in unfilled)]
    if problems or not isinstance(settings, Settings):
        raise InvalidConfiguration(problems)
    return settings, guardrails


def _catalogue(settings: Settings) -> Catalogue:
    try:
        return Catalogue.load(settings.catalogue, settings.models)
    except CatalogueError as error:
        raise InvalidConfiguration([Problem(error.path, error.message)]) from None


def _guardrails(
    entries: Any,  # noqa: ANN401 (as in the file)
    hidden: Collection[str],
    checks: Checks,
) -> tuple[tuple[Guardrail, ...], list[Problem]]:
    """Build the guardrails; `hidden` are the paths of values that must not be shown."""
    built: list[Guardrail] = []
    problems: list[Problem] = []
    for name, spec in entries.items() if isinstance(entries, dict) else ():
        if not isinstance(spec, dict | None):
            continue  # which the conversion has said
        try:
            built.append(guardrail(name, spec or {}, checks=checks))
        except ConfigError as error:
            problems += [_problem(one, hidden) for one in (error, *error.others)]
    return tuple(built), problems


def _problem(error: ConfigError, hidden: Collection[str]) -> Problem:
    shows = any(path.startswith(error.path) for path in hidden)
    return Problem(error.path, "what the environment holds does not fit" if shows else error.message)


def _placed(problems: tuple[Problem, ...], tree: Tree) -> list[Problem]:
    """Return the problems with their lines, in the order of the file, each once."""
    placed = (
        msgspec.structs.replace(problem, line=problem.line or tree.line_of(problem.path))
        for problem in problems
    )
    return sorted(dict.fromkeys(placed), key=lambda problem: problem.line or 0)


def _overridden(server: ServerSettings, overrides: Overrides) -> ServerSettings:
    given = {key: value for key, value in msgspec.structs.asdict(overrides).items() if value is not None}
    return msgspec.structs.replace(server, **given)


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidConfiguration([Problem("", f"is not UTF-8: byte {error.start}")], name) from None
    except OSError as error:
        raise InvalidConfiguration([Problem("", f"cannot be read: {error.strerror}")], name) from None
