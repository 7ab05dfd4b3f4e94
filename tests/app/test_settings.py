import pytest

from app.secret import Secret
from app.settings import ProviderSettings, Settings


def test_settings_do_not_show_secrets() -> None:
    settings = Settings(providers={"p": ProviderSettings(kind="openai", api_key=Secret("hunter2"))})
    assert "hunter2" not in repr(settings)


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings().keys = {}  # type: ignore[misc]  # that it is refused is the point
