"""How a model's maker would have it sampled: Hugging Face's generation_config.json, beside the weights. Any thread.

It may be anybody's file: it is read up to a size, and what can't be used says nothing. No model fails to load for what
is recommended; an MLX folder's end tokens stand there too, and those are needed (`mlx/tokenizer_settings.py`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from endpoint.providers.sampling_wish import NO_WISH, SamplingWish, read_wish

_LOGGER = logging.getLogger(__name__)
_NAME = "generation_config.json"
_LARGEST = 1 << 20
"""Bytes: a thousand times what such files have."""
_KEYS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "repeat_penalty": "repetition_penalty",
}
"""Our names -> the file's."""


def read_recommended(folder: Path) -> SamplingWish:
    """What the file in `folder` recommends; `do_sample: false` is temperature 0. Where there is none: nothing."""
    path = folder / _NAME
    try:
        if not path.is_file():
            return NO_WISH
        found = _parse(path)
    except (OSError, ValueError, RecursionError) as error:
        _LOGGER.warning("%s can't be used, so it recommends nothing: %s", path, error)
        return NO_WISH
    wish = read_wish({name: found.get(key) for name, key in _KEYS.items()}, str(path))
    # Only where it is said: transformers is greedy where a file is silent, but whoever names a temperature wants it.
    return replace(wish, temperature=0.0) if found.get("do_sample") is False else wish


def _parse(path: Path) -> Mapping[str, object]:
    """Raises OSError, ValueError, RecursionError."""
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST >> 20} MiB")
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("it holds no JSON object")
    return found
