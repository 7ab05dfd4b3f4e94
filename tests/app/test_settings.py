import pytest

from app.settings import ProviderSettings, Secret, Settings


def test_a_secret_shows_stars() -> None:
    secret = Secret("hunter2")
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", "%s" % secret):  # noqa: UP031
        assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_equal_secrets_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_settings_do_not_show_secrets() -> None:
    settings = Settings(providers={"p": ProviderSettings(kind="openai", api_key=Secret("hunter2"))})
    assert "hunter2" not in repr(settings)


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings().keys = {}  # type: ignore[misc]  # that it is refused is the point
