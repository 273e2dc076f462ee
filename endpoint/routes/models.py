"""GET /v1/models and /v1/models/{id}: the one model that is served."""

from __future__ import annotations

from fastapi import APIRouter, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import ModelNotFound
from endpoint.routes.documents import MODEL, MODELS, get_and_head
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services


def models_router(services: Services) -> APIRouter:
    """The model list's routes."""
    router = APIRouter(tags=["models"])

    @get_and_head(router, "/v1/models", "List the served model", MODELS)
    async def list_models() -> Response:
        return JsonReply({"object": "list", "data": [_describe(services, services.engine.model())]})

    @get_and_head(router, "/v1/models/{model_id:path}", "Describe the served model", MODEL)
    async def retrieve_model(model_id: str) -> Response:
        model = services.engine.model()
        if not services.serves(model, model_id):
            raise ModelNotFound(f"The model {model_id!r} is not served here; {model.info.id!r} is.")
        return JsonReply(_describe(services, model))

    return router


def _describe(services: Services, model: LoadedModel) -> dict[str, object]:
    return {
        "id": model.info.id,
        "object": "model",
        "created": model.loaded_at,
        "owned_by": services.settings.ref.provider,
        "meta": {"n_ctx": model.info.n_ctx, "n_ctx_train": model.info.n_ctx_train, "memory": model.memory.value},
    }
