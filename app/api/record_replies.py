"""Answers about the record: JSON that nobody on the way may keep."""

from typing import Any

from litestar import Response

from app.records.plain_rows import json_line


def json_reply(document: dict[str, Any]) -> Response[bytes]:
    """Return a document as it is sent."""
    return Response(json_line(document), media_type="application/json", headers={"cache-control": "no-store"})
