"""The figures in GET /health as pydantic models, for the OpenAPI page and tests; `health` writes them. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RequestCounts(_Exact):
    """Requests that ended since the start; `failed`: by a failure, out of time, or refused because of the queue."""

    total: int
    failed: int


class TokenRates(_Exact):
    """Tokens a second over the last seconds, of all requests together."""

    prefill: float
    decode: float


class PromptCounts(_Exact):
    """Prompt tokens since the start; `hit_rate` is the cached share, null before the first. `saved_s`: seconds that
    computing the cached ones would have taken at the speed measured since the start; null while none is known."""

    prompt_tokens: int
    cached_tokens: int
    hit_rate: float | None
    saved_s: float | None


class LastError(_Exact):
    """The last request that ended by a failure of the endpoint's: when, in Unix seconds, and why."""

    at_s: float
    message: str
