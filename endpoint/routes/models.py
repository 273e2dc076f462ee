"""GET /v1/models and /v1/models/{id}: the one model that is served, and what it can do.

The context's length has several names, each the one that some client looks for: `context_length` (OpenRouter's),
`max_model_len` (vLLM's) and `meta.n_ctx_train` (llama-server's).
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import ModelNotFound
from endpoint.protocol.sampling import write_sampling
from endpoint.routes.documents import MODEL, MODELS, get_and_head
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services


def models_router(services: Services) -> APIRouter:
    """The model list's routes."""
    router = APIRouter(tags=["models"])

    @get_and_head(router, "/v1/models", "List the served model", MODELS)
    async def list_models() -> Response:
        return JsonReply({"object": "list", "data": [await _describe(services, services.engine.model())]})

    @get_and_head(router, "/v1/models/{model_id:path}", "Describe the served model", MODEL)
    async def retrieve_model(model_id: str) -> Response:
        model = services.engine.model()
        if not services.serves(model, model_id):
            raise ModelNotFound(f"The model {model_id!r} is not served here; {model.info.id!r} is.")
        return JsonReply(await _describe(services, model))

    return router


async def _describe(services: Services, model: LoadedModel) -> dict[str, object]:
    info = model.info
    meta: dict[str, object] = {
        "n_ctx": info.n_ctx,
        "n_ctx_train": info.n_ctx_train,
        "n_vocab": info.n_vocab,
        "memory": model.memory.value,
        "description": info.description,
    }
    if info.kv_type is not None:
        meta["kv_type"] = info.kv_type.value
    if model.embedding is not None:
        meta |= {"n_embd": model.embedding.dimensions, "pooling": model.embedding.pooling.value}
    if model.generates:
        meta |= _describe_writing(services, model)
    return {
        "id": info.id,
        "object": "model",
        "created": model.loaded_at,
        "owned_by": services.settings.ref.provider,
        "context_length": info.n_ctx,
        "max_model_len": info.n_ctx,
        "capabilities": await _find_capabilities(services, model),
        "meta": meta,
    }


def _describe_writing(services: Services, model: LoadedModel) -> dict[str, object]:
    """What requests get that don't say, and which template renders them. A file's folders are nobody's business."""
    given = services.settings.chat_template
    told: dict[str, object] = {
        "sampling": write_sampling(services.find_defaults(model)),
        "recommended_sampling": model.info.sampling.said(),
    }
    if given is not None:
        return told | {"chat_template": "override", "chat_template_file": given.name}
    return told | {"chat_template": "chatml" if model.info.chat_template is None else "model"}


async def _find_capabilities(services: Services, model: LoadedModel) -> dict[str, bool]:
    """Tools and reasoning by the chat template; a template that can't be used has neither."""
    dialect = await services.prompts.read_dialect(model) if model.generates else None
    return {
        "completion": model.generates,
        "tools": dialect is not None and dialect.shows_tools,
        "reasoning": dialect is not None and dialect.answer.reasoning is not None,
        "embeddings": model.embedding is not None,
        "vision": False,
    }
