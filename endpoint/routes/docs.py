"""GET /docs: the OpenAPI page as plain HTML, made here, so that it needs no script and nothing from the internet."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from endpoint.routes.documents import find_good

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:1rem;border:1px solid #8884}"
    "h2{margin-top:2rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def docs_router(describe: Callable[[], dict[str, Any]]) -> APIRouter:
    """The page's route; `describe` gives the OpenAPI document."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/docs", methods=["GET", "HEAD"])
    async def show_docs() -> HTMLResponse:
        return HTMLResponse(render_docs(describe()), headers={"content-security-policy": _POLICY})

    return router


def render_docs(page: dict[str, Any]) -> str:
    """The document as HTML: each operation, then each schema."""
    title = html.escape(page["info"]["title"])
    operations = [
        _render_operation(path, method, operation)
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [
        f'<details id="{html.escape(name)}"><summary><code>{html.escape(name)}</code></summary>'
        f"{_render_json(schema)}</details>"
        for name, schema in page["components"]["schemas"].items()
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><p>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>'
        f"{''.join(operations)}<h2>Schemas</h2>{''.join(schemas)}</html>"
    )


def _render_operation(path: str, method: str, operation: dict[str, Any]) -> str:
    answers = "".join(
        f"<li><code>{html.escape(status)}</code> {html.escape(answer['description'])}</li>"
        for status, answer in operation["responses"].items()
    )
    heading = f"<code>{method.upper()} {html.escape(path)}</code>"
    summary = html.escape(operation.get("summary", ""))
    samples = _render_examples("send", operation.get("requestBody"))
    samples += _render_examples("get", find_good(operation["responses"]))
    return f"<h2>{heading}</h2><p>{summary}{_body_link(operation)}</p><ul>{answers}</ul>{samples}"


def _render_examples(kind: str, described: dict[str, Any] | None) -> str:
    """The examples of a request body or of an answer, folded."""
    content = (described or {}).get("content", {}).get("application/json", {})
    return "".join(
        f"<details><summary>Example to {kind}: {html.escape(name)}</summary>{_render_json(example['value'])}</details>"
        for name, example in content.get("examples", {}).items()
    )


def _render_json(value: object) -> str:
    return f"<pre>{html.escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _body_link(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody")
    if body is None:
        return ""
    name = html.escape(body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])
    return f'. Body: <a href="#{name}"><code>{name}</code></a>'
