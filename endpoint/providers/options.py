"""How a model is to be loaded. Values, apart from `base.py` for its length alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from endpoint.contract import KvType

Progress = Callable[[float], None]
"""Told the loaded share of the model, 0.0 to 1.0; may be called often, from the loading thread."""


class Speculation(StrEnum):
    """Whether tokens that text from before proposes are computed together with the next one."""

    AUTO = "auto"  # where that can't change the answer
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load. None means: let the provider choose from the model and the machine."""

    n_ctx: int | None = None  # tokens
    parallel: int = 8  # sequences decoded together
    threads: int | None = None
    gpu_layers: int | None = None
    speculation: Speculation = Speculation.AUTO
    kv_type: KvType = KvType.F16  # of keys and values, where the model keeps any
    force: bool = False  # load it even where memory is short by all reckoning
    cache_bytes: int = 0  # of RAM that held prefixes will take, for a provider that shares one budget with them
    chat_template: str | None = None  # Jinja's source, never empty; instead of the model's own
