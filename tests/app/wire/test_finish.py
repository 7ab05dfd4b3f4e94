import pytest

from app.domain.events import ChoiceFinished
from app.wire.finish import finished

REASONS = {"max_tokens": "length", "tool_use": "tool_calls"}


@pytest.mark.parametrize(
    ("native", "strict", "reason", "fields"),
    [
        ("max_tokens", True, "length", {"native_finish_reason": "max_tokens"}),
        ("max_tokens", False, "max_tokens", {}),
        ("unheard_of", True, "stop", {"native_finish_reason": "unheard_of"}),
        ("unheard_of", False, "unheard_of", {}),
        (None, True, "stop", {}),
        (None, False, "stop", {}),
        ("", True, "stop", {}),
        ("", False, "stop", {}),
    ],
)
def test_the_vendor_s_word_is_translated_and_kept(
    native: str | None, strict: bool, reason: str, fields: dict[str, str]
) -> None:
    assert finished(1, native, REASONS, strict=strict) == ChoiceFinished(1, reason, fields)


def test_other_fields_of_the_choice_are_kept_and_not_changed() -> None:
    fields = {"stop_sequence": "END"}
    found = finished(0, "tool_use", REASONS, strict=True, fields=fields)
    assert found.fields == {"stop_sequence": "END", "native_finish_reason": "tool_use"}
    assert fields == {"stop_sequence": "END"}
    assert finished(0, "tool_use", REASONS, strict=False, fields=fields).fields == fields
