import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import CallerError, InvalidRequest, UnknownModel
from app.routing.resolve import Routes
from tests.fakes import FakeProvider


class Named(FakeProvider):
    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


OPENAI, CLAUDE = Named("openai"), Named("claude")
ROUTES = Routes(
    (OPENAI, CLAUDE), {"openai": ("gpt-5", "shared"), "claude": ("sonnet", "shared", "org/model")}
)


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("@openai/gpt-5", OPENAI, "gpt-5"),
        ("@claude/gpt-5", CLAUDE, "gpt-5"),
        ("@openai/meta-llama/Llama-3.1", OPENAI, "meta-llama/Llama-3.1"),
        ("@openai/@cf/meta/llama", OPENAI, "@cf/meta/llama"),
        ("sonnet", CLAUDE, "sonnet"),
        ("org/model", CLAUDE, "org/model"),
    ],
)
def test_a_model_goes_to_its_provider(model: str, provider: Named, name: str) -> None:
    target = ROUTES.resolve(model)
    assert (target.provider, target.model) == (provider, name)


def test_a_bare_name_goes_to_the_only_provider_even_if_it_lists_others() -> None:
    target = Routes((OPENAI,), {"openai": ("gpt-5",)}).resolve("gpt-6")
    assert (target.provider, target.model) == (OPENAI, "gpt-6")


def test_an_unknown_provider_is_named_and_so_are_those_that_exist() -> None:
    with pytest.raises(UnknownModel, match=r"'gemini'.*openai, claude") as caught:
        ROUTES.resolve("@gemini/pro")
    assert (caught.value.status, caught.value.param) == (404, "model")


def test_a_bare_name_that_nobody_lists_is_refused_with_the_way_out() -> None:
    with pytest.raises(UnknownModel, match="@provider/model") as caught:
        ROUTES.resolve("mystery")
    assert caught.value.param == "model"


def test_a_bare_name_that_several_list_is_refused_with_both_addresses() -> None:
    with pytest.raises(UnknownModel, match="'@openai/shared' or '@claude/shared'"):
        ROUTES.resolve("shared")


@pytest.mark.parametrize("model", ["@openai/", "@openai", "@openai/   "])
def test_an_address_without_a_model_is_a_bad_request(model: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ROUTES.resolve(model)
    assert (caught.value.status, caught.value.param) == (400, "model")


@pytest.mark.parametrize("model", ["@", "@/", "@/gpt-5", "@ openai/gpt-5"])
def test_an_address_without_a_provider_is_an_unknown_one(model: str) -> None:
    with pytest.raises(UnknownModel):
        ROUTES.resolve(model)


def test_without_providers_a_caller_learns_that_none_is_configured() -> None:
    with pytest.raises(UnknownModel, match="No provider is configured"):
        Routes((), {}).resolve("gpt-5")


def test_a_long_name_is_not_repeated_in_full() -> None:
    with pytest.raises(UnknownModel) as caught:
        ROUTES.resolve("x" * 100_000)
    assert len(caught.value.message) < 500


@settings(deadline=None)
@given(st.text(max_size=50))
def test_every_text_gives_a_target_or_an_error_about_the_model(model: str) -> None:
    lone = Routes((OPENAI,), {})
    if not model.strip() or model.startswith("@"):
        with pytest.raises(CallerError) as caught:
            lone.resolve(model)
        assert caught.value.param == "model"
    else:
        assert lone.resolve(model).model == model
