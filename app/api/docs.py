"""The description of the API: `/docs` for people, `/docs/openapi.json` for tools.

The page is made here of the OpenAPI document and loads nothing: the usual viewers are scripts from somebody
else's server, which have no business on a page of a gateway that holds keys.
"""

import html
import json
from collections.abc import Iterator
from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme

from app.api.access import PUBLIC

_PATH = "/docs"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid #ddd; padding-top: 1rem }
h2 code { font-size: 1rem }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto }
dt { font-weight: 600 }
dd { margin: 0 0 .5rem 1rem }
"""
_DESCRIPTION = (
    "A gateway for chat completions, completions and embeddings: guardrails, traces and an SQL record for "
    "every call. Point an OpenAI client at /v1 and name models as @provider/model. Errors have OpenAI's "
    "format; every response carries x-request-id. GET, POST and DELETE of other paths below /v1 are passed "
    "on to a provider, unread, where the configuration of a key names them (keys.*.proxy)."
)


def openapi_config(version: str) -> OpenAPIConfig:
    """Return what litestar needs to know to describe the API and to serve the description to everybody."""
    return OpenAPIConfig(
        title="Handrail",
        version=version,
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"key": []}],
        use_handler_docstrings=True,
        render_plugins=[_Page(path="/"), JsonRenderPlugin()],
        openapi_router=Router(
            _PATH, route_handlers=[], opt=PUBLIC, include_in_schema=False, after_request=_ours
        ),
    )


def _ours(response: Response[Any]) -> Response[Any]:
    """Turn litestar's own page for unknown paths into the error that every other path gives."""
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response


class _Page(OpenAPIRenderPlugin):
    """Renders the OpenAPI document as plain HTML."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return the page."""
        return "\n".join(_page(openapi_schema)).encode()


def _page(schema: dict[str, Any]) -> Iterator[str]:
    info = schema["info"]
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{_text(info['title'])}</title>"
    yield f"<style>{_STYLE}</style><h1>{_text(info['title'])} {_text(info['version'])}</h1>"
    yield f"<p>{_text(info['description'])}</p>"
    yield f'<p>For tools: <a href="{_PATH}/openapi.json">{_PATH}/openapi.json</a></p>'
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                yield from _operation(method, path, operation)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {_text(path)}</code><br>{_text(operation.get('summary', ''))}</h2>"
    yield f"<p>{_text(operation.get('description', ''))}</p>"
    for parameter in operation.get("parameters", ()):
        name, where = _text(parameter["name"]), _text(parameter["in"])
        yield f"<dl><dt>{name} ({where})</dt><dd>{_text(parameter.get('description') or '')}</dd></dl>"
    yield from _examples("Request", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        yield from _examples(f"{status}: {response.get('description', '')}", response)


def _examples(title: str, body: dict[str, Any]) -> Iterator[str]:
    for media_type, content in body.get("content", {}).items():
        for name, example in (content.get("examples") or {}).items():
            value = example["value"]
            shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
            kind = f"{_text(name)} ({_text(media_type)})"
            yield f"<h3>{_text(title)}</h3><p>{kind}</p><pre>{_text(shown)}</pre>"


def _text(value: object) -> str:
    return html.escape(str(value))
