"""`prompt_cache_key` and what goes with it, checked. Pure."""

from __future__ import annotations

import re

from endpoint.errors import InvalidRequest
from endpoint.protocol.requests import CacheWish

LONGEST_KEY = 512
IN_MEMORY_S = 3600.0
"""OpenAI's "in_memory" lasts for an hour at most."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,6})([smhd])")


def read_cache_wish(key: str | None, retention: str | None, mode: str | None) -> CacheWish | None:
    """None where no key is named. Raises InvalidRequest naming the field."""
    appends = mode == "append"
    ttl_s = None if retention is None else read_retention(retention)
    if key is None or not key.strip():
        if appends:
            raise InvalidRequest("prompt_cache_mode append needs a prompt_cache_key to append to.", "prompt_cache_key")
        return None
    name = key.strip()
    if len(name) > LONGEST_KEY:
        raise InvalidRequest(f"prompt_cache_key must have at most {LONGEST_KEY} characters.", "prompt_cache_key")
    return CacheWish(name, ttl_s, appends)


def read_retention(text: str, param: str = "prompt_cache_retention") -> float:
    """Seconds. Raises InvalidRequest."""
    if text in {"in_memory", "in-memory"}:
        return IN_MEMORY_S
    span = _SPAN.fullmatch(text)
    if span is None or not int(span[1]):
        raise InvalidRequest(f'{param} must be "in_memory" or a time like "24h" or "30m", got {text[:40]!r}.', param)
    return float(int(span[1]) * _UNITS[span[2]])
