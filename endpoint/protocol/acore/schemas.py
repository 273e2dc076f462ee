"""The control plane's answers as pydantic models: for the OpenAPI page and for tests. Pure."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Capabilities(_Exact):
    """What the control plane can do here."""

    supported: bool
    mode: Literal["none", "keyed", "local_control_plane"]
    supports_set: bool
    supports_clear: bool
    supports_update: bool
    supports_fork: bool
    supports_prepare_modules: bool
    supports_stats: bool
    supports_save: bool
    supports_load: bool
    supports_ttl: bool
    notes: list[str]


class _Answer(_Exact):
    supported: bool
    operation: str
    capabilities: Capabilities


class CapabilitiesAnswer(_Answer):
    """GET …/capabilities."""


class CacheDone(_Answer):
    """What was asked is done, to `key` if it was one."""

    ok: bool
    key: str | None = None
    token_count: int | None = None


class CacheCleared(_Answer):
    """So many keys were forgotten."""

    ok: bool
    cleared: int


class KeyNote(CacheDone):
    """A key with all that is said of it."""

    meta: dict[str, Any]


class SavedPrefix(_Exact):
    """A prefix that is kept on disk under a name; `usable` by the model that runs."""

    name: str
    token_count: int
    bytes: int
    saved_at_s: float
    usable: bool


class CacheSaved(_Answer):
    """It is on the disk."""

    ok: bool
    saved: SavedPrefix


class CacheSavedList(_Answer):
    """All that are kept under a name."""

    ok: bool
    saved: list[SavedPrefix]


class Ledger(_Exact):
    """Where the bytes are; `kv_bytes` are those of all KV cells, used or not."""

    weights_bytes: int
    kv_bytes: int
    prefix_bytes: int
    prefix_budget_bytes: int
    parked_bytes: int
    disk_bytes: int
    disk_budget_bytes: int


class CacheStats(BaseModel):
    """Bytes are of computed state; `meta_by_key` has what each key's `KeyNote` has."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entries: int
    max_entries: None
    default_ttl_s: float | None
    default_key: str | None
    keys: list[str]
    meta_by_key: dict[str, dict[str, Any]]
    ram_bytes: int
    ram_budget_bytes: int
    disk_bytes: int
    disk_budget_bytes: int
    disk_entries: int
    ledger: Ledger


class StatsAnswer(_Answer):
    """GET …/stats."""

    stats: CacheStats


class PreparedModule(_Exact):
    """A module's key, which stands for all up to its end: so many tokens."""

    module_id: str
    cache_key: str
    module_hash: str
    token_count: int


class PreparedAnswer(_Answer):
    """POST …/prepare_modules."""

    ok: bool
    namespace: str
    version: int
    modules: list[PreparedModule]
    final_cache_key: str


class CacheError(_Answer):
    """What can't be done; `code` is one of AbstractCore's, or OpenAI's."""

    ok: bool
    code: str
    error: str
    param: str | None


class RequestLine(_Exact):
    """What a request reused; `miss` says why not more ("nothing": only what is new was computed)."""

    request_id: str
    x_request_id: str
    at_s: float
    prompt_tokens: int
    cached_tokens: int
    tier: Literal["none", "resident", "ram", "disk"]
    key: str | None
    miss: str
    detail: str


class RecentAnswer(_Exact):
    """The newest first."""

    requests: list[RequestLine]


class DivergedMessage(_Exact):
    """The message that changed, and at which character of it; in the template's own text, the message behind it."""

    index: int
    role: str | None
    character: int


class DivergedTool(_Exact):
    """The tool that changed, and where in its definition, if that is known."""

    name: str
    path: str | None


class DivergencePlace(_Exact):
    """Where the best candidate, of the request `earlier_request_id` if that is remembered, goes on otherwise; `message`
    null: behind the messages, in a tool, or there are none; `piece`: of the message, what `character` counts in."""

    token: int
    character: int
    message: DivergedMessage | None
    piece: Literal["text", "reasoning", "call"] | None
    tool: DivergedTool | None
    in_template_text: bool
    text_before: str
    earlier_text: str
    new_text: str
    change: str
    earlier_request_id: str | None


class ExplanationAnswer(RequestLine):
    """A request with all that is known of its cache."""

    candidate_tokens: int
    shared_tokens: int
    kind: str
    summary: str
    divergence: DivergencePlace | None


REQUEST_ID_PARAMETER: dict[str, Any] = {
    "name": "request_id",
    "in": "query",
    "required": True,
    "description": "the id of an answer, or its x-request-id",
    "schema": {"type": "string"},
}
LIMIT_PARAMETER: dict[str, Any] = {
    "name": "limit",
    "in": "query",
    "description": "how many at most (20)",
    "schema": {"type": "integer", "minimum": 1},
}
