"""What the OpenAPI page says of each route. FastAPI can't tell: bodies are read by hand, for errors in OpenAI's shape.

Pure: schemas are computed from the pydantic models once, at import.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from endpoint.protocol import schemas
from endpoint.protocol.acore import bodies as acore
from endpoint.protocol.acore import schemas as cache
from endpoint.protocol.anthropic import schemas as anthropic_schemas
from endpoint.protocol.anthropic.request import MessageBody, TokenCountBody
from endpoint.protocol.chat_request import ChatBody
from endpoint.protocol.completion_request import CompletionBody
from endpoint.protocol.downloads import AppDownloads, DownloadWishBody, WishPassedOn
from endpoint.protocol.embedding_request import EmbeddingBody
from endpoint.protocol.responses import schemas as responses
from endpoint.protocol.responses.body import ResponsesBody
from endpoint.protocol.sse import MEDIA_TYPE
from endpoint.protocol.token_requests import DetokenizeBody, TokenizeBody
from endpoint.routes.examples import ROUTES, Examples

Responses = dict[int | str, dict[str, Any]]
Handler = Callable[..., Awaitable[Response]]

_REFERENCE = "#/components/schemas/{model}"
_ERRORS = {
    400: "The request can't be served as sent; `param` names the field.",
    401: "The API key is missing or wrong.",
    403: "The Host or Origin is not allowed, or the caller isn't on this machine where it must be.",
    404: "Not found.",
    409: "It can't be done as things stand: what is to be saved isn't held, or can't be written; no app is there.",
    408: "The request's time was up (`timeout`, or --request-timeout).",
    413: "The body is too large.",
    500: "The endpoint failed.",
    503: "Loading or overloaded (with Retry-After), failed or stopping.",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A route's request body (for `openapi_extra`) and its answers."""

    responses: Responses
    extra: dict[str, Any] | None = None


def get_and_head(router: APIRouter, path: str, summary: str, document: Document) -> Callable[[Handler], Handler]:
    """Mount a handler for GET, and for HEAD, which FastAPI doesn't do by itself."""

    def mount(handler: Handler) -> Handler:
        router.head(path, include_in_schema=False)(handler)
        # A plain Response: the page then tells of no content but what `responses` tells.
        return router.get(
            path,
            summary=summary,
            responses=document.responses,
            openapi_extra=document.extra,
            response_class=Response,
        )(handler)

    return mount


def _answers(
    model: type[BaseModel],
    errors: tuple[int, ...],
    *,
    streams: bool = False,
    good: int = 200,
    error: type[BaseModel] = schemas.ErrorReply,
) -> Responses:
    answers: Responses = {good: {"model": model, "description": "The answer."}}
    if streams:
        answers[200]["content"] = {MEDIA_TYPE: {"schema": {"description": "Server-sent events, if `stream` is true."}}}
    for status in errors:
        answers[status] = {"model": error, "description": _ERRORS[status]}
    return answers


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def complete_openapi(page: dict[str, Any]) -> dict[str, Any]:
    """Add the request bodies' schemas and the examples to FastAPI's page, and take away its 422, which never reaches a
    client."""
    _, definitions = models_json_schema([(body, "validation") for body in _BODIES], ref_template=_REFERENCE)
    components = page.setdefault("components", {}).setdefault("schemas", {})
    components.update({name: _say_any(definition) for name, definition in definitions["$defs"].items()})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    for path, operations in page["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            _add_examples(operation, f"{method.upper()} {path}")
    return page


def _say_any(node: object) -> object:
    """A schema with anyOf in place of oneOf: where several branches of a union fit, our own code chooses."""
    if isinstance(node, list):
        return [_say_any(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {"anyOf" if key == "oneOf" else key: _say_any(value) for key, value in node.items()}


def _add_examples(operation: dict[str, Any], route: str) -> None:
    """Here and not where routes are mounted: FastAPI would drop every null in them."""
    samples = ROUTES.get(route)
    if samples is None:
        return
    _show(find_good(operation["responses"]), samples.answers)
    if "requestBody" in operation:
        _show(operation["requestBody"], samples.requests)


def find_good(responses: dict[str, Any]) -> dict[str, Any]:
    """What the page says of a route's good answer."""
    described: dict[str, Any] = next(described for status, described in responses.items() if status.startswith("2"))
    return described


def _show(described: dict[str, Any], samples: Examples) -> None:
    described["content"]["application/json"]["examples"] = {name: {"value": value} for name, value in samples.items()}


_CACHE_BODIES: dict[str, type[BaseModel]] = {
    "set": acore.SetBody,
    "update": acore.UpdateBody,
    "fork": acore.ForkBody,
    "clear": acore.ClearBody,
    "prepare_modules": acore.PrepareBody,
    "key_meta": acore.MetaBody,
    "save": acore.SaveBody,
    "load": acore.LoadBody,
    "delete": acore.DeleteBody,
}
_CACHE_ANSWERS: dict[str, type[BaseModel]] = {
    "stats": cache.StatsAnswer,
    "capabilities": cache.CapabilitiesAnswer,
    "list": cache.CacheSavedList,
    "set": cache.CacheDone,
    "update": cache.CacheDone,
    "fork": cache.CacheDone,
    "clear": cache.CacheCleared,
    "prepare_modules": cache.PreparedAnswer,
    "key_meta": cache.KeyNote,
    "save": cache.CacheSaved,
    "load": cache.CacheDone,
    "delete": cache.CacheDone,
}
_BODIES: tuple[type[BaseModel], ...] = (
    ChatBody,
    CompletionBody,
    ResponsesBody,
    MessageBody,
    TokenCountBody,
    EmbeddingBody,
    TokenizeBody,
    DetokenizeBody,
    DownloadWishBody,
    *_CACHE_BODIES.values(),
)
_GENERATING = (400, 401, 403, 404, 408, 413, 500, 503)
CHAT = Document(_answers(schemas.ChatCompletion, _GENERATING, streams=True), _body(ChatBody))
COMPLETION = Document(_answers(schemas.Completion, _GENERATING, streams=True), _body(CompletionBody))
RESPONSE = Document(_answers(responses.Response, _GENERATING, streams=True), _body(ResponsesBody))
KEPT_RESPONSE = Document(_answers(responses.Response, (400, 401, 403, 404)))
DELETED_RESPONSE = Document(_answers(responses.DeletedResponse, (401, 403, 404)))
RESPONSE_ITEMS = Document(_answers(responses.ItemList, (400, 401, 403, 404)), {"parameters": responses.PAGE_PARAMETERS})
MESSAGE = Document(
    _answers(anthropic_schemas.MessageAnswer, _GENERATING, streams=True, error=anthropic_schemas.MessageError),
    _body(MessageBody),
)
TOKEN_COUNT = Document(
    _answers(anthropic_schemas.TokenCount, _GENERATING[:-1], error=anthropic_schemas.MessageError),
    _body(TokenCountBody),
)
EMBEDDINGS = Document(_answers(schemas.Embeddings, _GENERATING), _body(EmbeddingBody))
_READING = (400, 401, 403, 404, 413, 500, 503)
TOKENIZE = Document(_answers(schemas.Tokenized, _READING), _body(TokenizeBody))
DETOKENIZE = Document(_answers(schemas.Detokenized, _READING), _body(DetokenizeBody))
_CACHE_ERRORS = (400, 401, 403, 404, 409, 413, 500, 503)
CACHE = {
    name: Document(
        _answers(answer, _CACHE_ERRORS, error=cache.CacheError),
        _body(_CACHE_BODIES[name]) if name in _CACHE_BODIES else None,
    )
    for name, answer in _CACHE_ANSWERS.items()
}
EXPLANATION = Document(
    _answers(cache.ExplanationAnswer, (400, 401, 403, 404)), {"parameters": [cache.REQUEST_ID_PARAMETER]}
)
RECENT = Document(_answers(cache.RecentAnswer, (400, 401, 403)), {"parameters": [cache.LIMIT_PARAMETER]})
DOWNLOADS = Document(_answers(AppDownloads, (401, 403)))
DOWNLOAD_WISH = Document(_answers(WishPassedOn, (400, 401, 403, 409, 413), good=202), _body(DownloadWishBody))
MODELS = Document(_answers(schemas.ModelList, (401, 403, 503)))
MODEL = Document(_answers(schemas.Model, (401, 403, 404, 503)))
INDEX = Document(_answers(schemas.Index, (401, 403)))
INDEX.responses[200]["content"] = {"text/html": {"schema": {"type": "string", "description": "For a browser."}}}
METRICS = Document(
    {
        200: {"description": "Prometheus metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **{status: {"model": schemas.ErrorReply, "description": _ERRORS[status]} for status in (401, 403)},
    }
)
HEALTH = Document(
    {
        **_answers(schemas.Health, (403,)),
        503: {"model": schemas.Health, "description": "Not healthy; `status` says why."},
    }
)
