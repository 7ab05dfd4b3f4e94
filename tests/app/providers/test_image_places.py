import copy
from typing import Any

from hypothesis import HealthCheck, given, settings

from app.providers.image_places import places, replaced
from app.wire.conversation_reader import read_conversation
from app.wire.params import Params
from tests.conversations import documents

PAGE = "https://a.example/x"


def document(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "https://a.example/text"}, {"content": list(parts)}]}


def test_every_url_of_an_image_or_a_document_is_found() -> None:
    found = places(
        document(
            {"type": "text", "text": PAGE},
            {"type": "image_url", "image_url": PAGE},
            {"type": "image_url", "image_url": {"url": "HTTP://a.example"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url"},
            {"type": "file", "file": {"file_data": PAGE}},
            {"type": "file", "file": {"file_url": PAGE}},
            {"type": "file", "file": {"file_id": "https://x"}},
        )
    )
    assert [place.param for place in found] == [
        "messages[1].content[1].image_url",
        "messages[1].content[2].image_url.url",
        "messages[1].content[5].file.file_data",
        "messages[1].content[6].file.file_url",
    ]
    assert [place.url for place in found] == [PAGE, "HTTP://a.example", PAGE, PAGE]


def test_a_document_by_url_becomes_one_by_its_bytes() -> None:
    asked = document({"type": "file", "file": {"file_url": PAGE, "filename": "f"}})
    found = replaced(asked, places(asked), {PAGE: "data:x"})
    assert found["messages"][1]["content"] == [
        {"type": "file", "file": {"file_data": "data:x", "filename": "f"}}
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(documents())
def test_afterwards_no_url_is_left_and_the_request_is_as_it_was(asked: dict[str, Any]) -> None:
    before = copy.deepcopy(asked)
    found = places(asked)
    data = {place.url: "data:image/png;base64,AAAA" for place in found}
    after = replaced(asked, found, data)
    assert places(after) == []
    assert asked == before
    assert len(read_conversation(after, Params(after, "drop", "A")).turns) == len(
        read_conversation(asked, Params(asked, "drop", "A")).turns
    )
