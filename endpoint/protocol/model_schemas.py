"""What /v1/models tells of how a model's answers are sampled, as pydantic models (`schemas`). Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SamplingFigures(_Exact):
    """What a request gets that leaves the field of that name out."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float


class RecommendedSampling(_Exact):
    """What the model's own files say of it; only that."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
