"""What pytest does otherwise where the core is mutated: a mutant that dies shall die soon.

Loaded by mutmut alone (`[tool.mutmut]` in `pyproject.toml`). Half of what a mutant costs is waiting for the
test that sees it, so those of the mutated file come first, and quick ones before slow ones. And Hypothesis
does not look for the shortest text that shows a mutant: that there is one says it all.
"""

import json
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from mutmut.mutation.trampoline import get_mutant_under_test

_STATS = Path("mutmut-stats.json")
"""Where mutmut, which runs the tests in `mutants/`, keeps how long each took."""
_HEAD_START_S = 0.02
"""What a test of another file has to be quicker by to come first."""

settings.register_profile("mutation", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order tests for the mutant that is tried."""
    module = get_mutant_under_test().rpartition(".")[0]
    durations_s: dict[str, float] = (
        json.loads(_STATS.read_text())["duration_by_test"] if module and _STATS.exists() else {}
    )
    if durations_s:
        items.sort(key=lambda item: rank(item.nodeid, module, durations_s))


def rank(test: str, module: str, durations_s: dict[str, float]) -> float:
    """Return where a test stands in the order for a mutant of a module: the least comes first."""
    is_own = f"/test_{module.rpartition('.')[2]}.py::" in test
    return durations_s.get(test, 0.0) + (0 if is_own else _HEAD_START_S)
