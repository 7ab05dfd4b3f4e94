"""Media in buckets, `s3://` and `gs://`: named by callers, read by providers with the rights of our account.

Bedrock and Vertex AI read such places as whoever asks them, which is us: a caller could have any object
described to him that our role may read. So only buckets that the configuration names are passed on, whatever
the provider; one that does not read buckets says so itself.
"""

import re
from collections.abc import Iterator
from typing import Any

from app.domain.errors import InvalidRequest

_SCHEME = re.compile(r"[\x00-\x20]*(?:s[\x00-\x20]*3|g[\x00-\x20]*s)[\x00-\x20]*:", re.IGNORECASE)
"""As generous as whoever reads it may be: readers of URLs pass over blanks (url.spec.whatwg.org, 4.4)."""


class BucketGate:
    """Lets requests pass; an `app.providers.http.Media` that fetches nothing.

    Args:
        allowed: buckets, as `s3://my-bucket` and `gs://my-bucket`.
    """

    def __init__(self, allowed: tuple[str, ...] = ()) -> None:
        self._allowed = tuple(f"{bucket}/" for bucket in allowed)

    async def inlined(self, document: dict[str, Any], *, deadline_s: float) -> dict[str, Any]:  # noqa: ARG002 (as the port says)
        """Return the document as it is; see `check`."""
        self.check(document)
        return document

    def check(self, document: dict[str, Any]) -> None:
        """Look at the places that a request names.

        Raises:
            InvalidRequest: one is in a bucket that is not allowed; `param` names it.
        """
        for i, message in enumerate(document["messages"]):
            content = message.get("content")
            for j, part in enumerate(content if isinstance(content, list) else ()):
                for key, value in _texts(part):
                    if _SCHEME.match(value) and not value.startswith(self._allowed):
                        param = f"messages[{i}].content[{j}].{key}"
                        raise InvalidRequest(
                            f"`{param}` is in a bucket that `images.allow_buckets` does not name.",
                            param=param,
                            code="image_not_allowed",
                        )


def _texts(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what stands in a part beside its text: in `image_url`, `file`, or whatever it is called."""
    for name, held in part.items():
        if name == "text":
            continue
        if isinstance(held, str):
            yield name, held
        elif isinstance(held, dict):
            yield from ((f"{name}.{key}", value) for key, value in held.items() if isinstance(value, str))
