"""The status page's files (docs/status-page.md): read once, served with a policy that allows what they need, no more.

They tell nothing of the endpoint: what they show, their script asks for, past the guards. Owner: the event loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request, Response

INDEX_PATH = "/"
_INDEX = "index.html"
_FOLDER = "/page/"
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{what}-src 'self'" for what in ("script", "style", "img", "connect")),
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
        "require-trusted-types-for 'script'",  # the browser itself refuses what would turn an answer into HTML
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Kept by the browser, asked for again each time: a page of another version would speak to this endpoint.
    "cache-control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file as it is sent; `tag` is its ETag."""

    content: bytes
    kind: str
    tag: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 where the browser has it."""
        headers = {**_HEADERS, "etag": self.tag}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers={**headers, "content-type": self.kind})


Page = Mapping[str, PageFile]
"""Path -> file."""


def load_page() -> Page:
    """All of it, from the package's own folder `page`."""
    folder = files("endpoint").joinpath("page")
    contents = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.rpartition(".")[2] in _KINDS}
    return {(INDEX_PATH if name == _INDEX else _FOLDER + name): _make(name, each) for name, each in contents.items()}


def _make(name: str, content: bytes) -> PageFile:
    return PageFile(content, _KINDS[name.rpartition(".")[2]], f'"{hashlib.sha256(content).hexdigest()[:20]}"')


def page_router(page: Page) -> APIRouter:
    """A route for each file but the one at the root, which is `status_router`'s."""
    router = APIRouter(include_in_schema=False)
    for path, file in page.items():
        if path != INDEX_PATH:
            router.api_route(path, methods=["GET", "HEAD"])(_serve(file))
    return router


def _serve(file: PageFile) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return file.answer(request)

    return serve
