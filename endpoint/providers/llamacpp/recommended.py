"""How a GGUF's maker would have it sampled. Read once, at loading, on the engine's thread."""

from __future__ import annotations

from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.providers.generation_config import read_recommended
from endpoint.providers.llamacpp.metadata import find_sampling
from endpoint.providers.sampling_wish import SamplingWish, read_wish


def find_recommended(model: ll.llama_model_p, path: Path) -> SamplingWish:
    """What the metadata recommends, and where it is silent, the generation_config.json in the file's folder."""
    told = {name: _read_number(text) for name, text in find_sampling(model).items()}
    return read_wish(told, str(path)).over(read_recommended(path.parent))


def _read_number(text: str) -> float | str | None:
    """None where the metadata has no such key; text that is no number as it is, for the log."""
    try:
        return float(text) if text else None
    except ValueError:
        return text
