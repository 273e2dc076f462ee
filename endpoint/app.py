"""The HTTP application: routes inside guards, and the only place where errors become HTTP.

Owner: the event loop. The engine is started and stopped by __main__, not here.
Invariant: every error, FastAPI's own included, leaves in OpenAI's shape, under /v1/messages in Anthropic's; no 422
ever reaches a client.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from endpoint.errors import InvalidRequest, RequestError
from endpoint.explain.store import RecordStore
from endpoint.guards.answers import error_response
from endpoint.guards.bodies import BodyGuard
from endpoint.guards.failures import FailureGuard
from endpoint.guards.hosts import HostGuard
from endpoint.guards.keys import HEALTH_PATHS, KeyGuard
from endpoint.guards.origins import OriginGuard
from endpoint.guards.traffic import Traffic, TrafficGuard
from endpoint.routes.chat import chat_router
from endpoint.routes.completions import completions_router
from endpoint.routes.docs import docs_router
from endpoint.routes.documents import complete_openapi
from endpoint.routes.downloads import downloads_router
from endpoint.routes.embeddings import embeddings_router
from endpoint.routes.explain import explain_router
from endpoint.routes.hooks import hooks_router
from endpoint.routes.messages import messages_router
from endpoint.routes.metrics import metrics_router
from endpoint.routes.models import models_router
from endpoint.routes.page import page_router
from endpoint.routes.prompt_cache import prompt_cache_router
from endpoint.routes.responses import responses_router
from endpoint.routes.services import EngineGate, LinkToApp, Services
from endpoint.routes.status import status_router
from endpoint.routes.tokens import tokens_router
from endpoint.settings import Settings
from endpoint.text.prompt import PromptWriter

_ROUTERS = (
    chat_router,
    completions_router,
    responses_router,
    messages_router,
    embeddings_router,
    tokens_router,
    models_router,
    prompt_cache_router,
    explain_router,
    status_router,
    metrics_router,
    downloads_router,
)
_SUMMARY = "One local model behind OpenAI's API."


class EndpointApp(FastAPI):
    """FastAPI with our OpenAPI page."""

    def openapi(self) -> dict[str, Any]:
        """The page, true to what is served; computed once."""
        if not self.openapi_schema:
            self.openapi_schema = complete_openapi(super().openapi())
        return self.openapi_schema


def create_app(
    engine: EngineGate, settings: Settings, traffic: Traffic | None = None, link: LinkToApp | None = None
) -> FastAPI:
    """The application for one engine; `traffic` is told of its requests. `link`: the app that started it."""
    records = RecordStore() if settings.explains else RecordStore(0)
    services = Services(engine, settings, PromptWriter(), records=records, link=link)
    app = EndpointApp(title="Traypoint endpoint", summary=_SUMMARY, docs_url=None, redoc_url=None)
    for make_router in _ROUTERS:
        app.include_router(make_router(services))
    app.include_router(docs_router(app.openapi))
    app.include_router(page_router(services.page))
    if settings.test_hooks:
        app.include_router(hooks_router(services))
    _add_error_handlers(app)
    _add_guards(app, settings, traffic or Traffic(), HEALTH_PATHS.union(services.page))
    return app


def _add_guards(app: FastAPI, settings: Settings, traffic: Traffic, open_paths: frozenset[str]) -> None:
    # The last one added is the outermost: a request meets them from the bottom up.
    app.add_middleware(TrafficGuard, traffic=traffic)
    app.add_middleware(BodyGuard, limit=settings.max_body_bytes)
    app.add_middleware(KeyGuard, settings=settings, open_paths=open_paths)
    app.add_middleware(OriginGuard, settings=settings)
    app.add_middleware(HostGuard, settings=settings)
    app.add_middleware(FailureGuard)


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(RequestError)
    async def answer_request_error(request: Request, error: RequestError) -> Response:
        return error_response(error, request.scope)

    @app.exception_handler(RequestValidationError)
    async def answer_validation_error(request: Request, error: RequestValidationError) -> Response:
        translated = InvalidRequest(f"The request is not valid: {error.errors()[0]['msg']}.")
        return error_response(translated, request.scope)

    @app.exception_handler(HTTPException)
    async def answer_http_exception(request: Request, error: HTTPException) -> Response:
        response = error_response(_translate(request, error), request.scope)
        response.headers.update(error.headers or {})
        if response.headers.get("allow") == "HEAD":  # its route is found first; GET is always mounted beside it
            response.headers["allow"] = "GET, HEAD"
        return response


def _translate(request: Request, error: HTTPException) -> RequestError:
    """Starlette's own errors: an unknown route, a method that the route doesn't have."""
    match error.status_code:
        case 404:
            message = f"There is no {request.url.path} here; /docs lists what there is."
            translated = InvalidRequest(message, None, "not_found")
        case 405:
            translated = InvalidRequest(
                f"{request.method} is not possible on {request.url.path}.", None, "method_not_allowed"
            )
        case _:
            translated = InvalidRequest(str(error.detail))
    translated.status = error.status_code
    return translated
