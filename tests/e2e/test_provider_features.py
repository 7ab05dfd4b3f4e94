"""Every kind of provider works through the whole service, feature by feature, as the README says.

What the vendors are is told in `tests/features/vendors.py`, what is tried in `tests/features/cases.py`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.features.agent import goes_on, replays
from tests.features.cases import FEATURES, Outcome
from tests.features.models import OTHERS, model_for
from tests.features.run import Run, running
from tests.features.table import render, shown
from tests.features.vendors import KINDS

AGENTS = (
    "anthropic vertex-anthropic bedrock gemini vertex-ai cohere mistral groq deepseek openrouter moonshot "
    "minimax ollama vllm gemini-compatible"
).split()
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    async with running(tmp_path_factory.mktemp("features")) as found:
        yield found


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_feature_is_there_or_refused_whole_and_streamed_alike(
    run: Run, kind: str, feature: str
) -> None:
    assert await run.outcome(kind, feature) is not None


async def test_the_readme_shows_what_the_run_gives(run: Run) -> None:
    found = {(kind, name): await run.outcome(kind, name) for kind in KINDS for name in FEATURES}
    assert shown() == render(found), "run `python -m tests.features.table` and look at the difference"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "model"), OTHERS)
async def test_other_models_differ_in_what_is_known_of_them(
    run: Run, kind: str, model: str, stream: bool
) -> None:
    found = await run.outcomes(kind, model, stream=stream)
    others = {feature: outcome.word for feature, outcome in found.items() if outcome.word != "yes"}
    assert others == OTHERS[kind, model]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", AGENTS)
async def test_an_agent_goes_on_from_what_it_was_answered(run: Run, kind: str, stream: bool) -> None:
    heard = await goes_on(run.asking(kind, model_for(kind, "tools"), stream=stream))
    assert replays(heard)


async def test_kinds_that_have_the_same_share_a_row() -> None:
    yes, refused = Outcome("yes"), Outcome("refused", "400")
    kinds = {"openai": yes, "zhipu": refused, "groq": yes}
    lines = render({(kind, name): said for kind, said in kinds.items() for name in FEATURES}).splitlines()
    assert lines[2].startswith("| openai, groq | yes |")
    assert lines[3].startswith("| zhipu | refused&nbsp;<sup>1</sup> |")
    assert lines[5] == "<sup>1</sup> 400."
