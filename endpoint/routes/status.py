"""GET / and GET /health: what this is, and how it stands by the engine's heartbeat: answering HTTP proves nothing."""

from __future__ import annotations

from pathlib import PurePath

from fastapi import APIRouter, Request, Response

from endpoint.contract import HealthStatus
from endpoint.engine.health import EngineHealth, Presence
from endpoint.errors import RequestError
from endpoint.guards.keys import find_refusal
from endpoint.protocol.accept import prefers_html
from endpoint.protocol.acore.replies import write_ledger
from endpoint.protocol.health import write_figures
from endpoint.routes.documents import HEALTH, INDEX, get_and_head
from endpoint.routes.page import INDEX_PATH
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services


def status_router(services: Services) -> APIRouter:
    """The status routes."""
    router = APIRouter(tags=["status"])

    @get_and_head(router, "/", "What this is", INDEX)
    async def show_index(request: Request) -> Response:
        if prefers_html(request.headers.get("accept", "")):
            answer = services.page[INDEX_PATH].answer(request)
        elif refusal := find_refusal(request.scope):
            raise refusal
        else:
            answer = JsonReply({"name": "Traypoint endpoint", "api": "/v1", "health": "/health", "docs": "/docs"})
        answer.headers.add_vary_header("Accept")
        return answer

    @get_and_head(router, "/health", "How the endpoint stands", HEALTH)
    async def show_health(request: Request) -> Response:
        health = services.engine.health()
        is_healthy = health.status is HealthStatus.HEALTHY
        body = _describe(services, health)
        if is_healthy and find_refusal(request.scope) is None:
            body |= write_figures(services.engine.metrics())
        return JsonReply(body, status_code=200 if is_healthy else 503)

    return router


def _describe(services: Services, health: EngineHealth) -> dict[str, object]:
    ref = services.settings.ref
    body: dict[str, object] = {"status": health.status.value, "model": name_asked(ref.model), "provider": ref.provider}
    match health.status:
        case HealthStatus.LOADING:
            body["progress"] = round(health.progress, 3)
        case HealthStatus.HEALTHY:
            body |= _describe_model(services) | _describe_presence(health)
            body["memory_pressure"] = health.memory.pressure.value
        case _:
            body["error"] = health.error or f"The endpoint is {health.status.value}."
    return body | {
        "active": health.active,
        "queued": health.queued,
        "uptime_s": round(health.uptime_s, 3),
        "heartbeat_age_s": round(health.heartbeat_age_s, 3),
    }


def _describe_presence(health: EngineHealth) -> dict[str, object]:
    """Whether the model's memory is given back for now, and how much of it is there again."""
    if health.presence is Presence.RETURNING:
        return {"unloaded": True, "progress": round(health.progress, 3)}
    return {"unloaded": health.presence is Presence.UNLOADED}


def _describe_model(services: Services) -> dict[str, object]:
    try:
        info = services.engine.model().info
    except RequestError:  # it changed since the health was taken; the next report tells
        return {}
    kv_type = {"kv_type": info.kv_type.value} if info.kv_type is not None else {}
    ledger = write_ledger(services.engine.metrics().ledger)
    return {"model": info.id, "n_ctx": info.n_ctx, **kv_type, "memory": ledger}


def name_asked(model: str) -> str:
    """What was asked for, without folders: those are nobody's business on a network. A repository keeps its owner."""
    path = PurePath(model)
    return path.name if path.is_absolute() or model.startswith(("~", ".")) else model
