"""All providers of a configuration, or what is wrong with each that cannot be made."""

from app.configuration.problems import InvalidConfiguration, Problem
from app.configuration.reader import Configuration
from app.providers.buckets import BucketGate
from app.providers.build import build
from app.providers.http import HttpProvider, Media
from app.providers.identities import Surroundings


def providers_of(
    configuration: Configuration, surroundings: Surroundings, media: Media | None = None
) -> list[HttpProvider]:
    """Return the configured providers.

    Args:
        configuration: what to build.
        surroundings: where credentials may be.
        media: fetches images for those that take none by URL.

    Raises:
        InvalidConfiguration: with what is wrong of each that cannot be made.
    """
    gate = BucketGate(configuration.settings.images.allow_buckets)
    made: list[HttpProvider] = []
    problems: list[Problem] = []
    for slug, one in configuration.settings.providers.items():
        try:
            made.append(build(slug, one, configuration.catalogue, surroundings, media, gate))
        except ValueError as error:
            problems.append(Problem(f"providers.{slug}", str(error)))
    if problems:
        raise InvalidConfiguration(problems, configuration.source)
    return made
