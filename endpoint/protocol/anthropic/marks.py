"""Anthropic's `cache_control` marks as a prompt-cache key. Pure.

There, a mark asks that the prompt up to it be kept for five minutes or an hour. Here whatever was computed is kept as
long as there is room; a mark pins its conversation for that time, whatever else comes. Marks wander with each turn,
so the key is named by what stays: the tools, the system prompt and the first message.
Source: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from endpoint.protocol.anthropic.conversation import is_billing
from endpoint.protocol.cache_wish import read_retention
from endpoint.protocol.requests import CacheWish

_USUAL = "5m"


def read_marks(body: Mapping[str, Any]) -> CacheWish | None:
    """The longest of the marks' times; None where there is none. `body`: a checked one. Raises InvalidRequest."""
    spans = [read_retention(str(mark.get("ttl") or _USUAL), "cache_control.ttl") for mark in _find_marks(body)]
    if not spans:
        return None
    messages = body.get("messages") or [None]
    named = json.dumps(_unmark([body.get("tools"), _drop_billing(body.get("system")), messages[0]]), sort_keys=True)
    return CacheWish(f"anthropic:{hashlib.sha256(named.encode()).hexdigest()[:24]}", max(spans))


def _drop_billing(system: object) -> object:
    """Without Claude Code's note, which differs in each request: the prompt leaves it out too."""
    texts = system if isinstance(system, list) else [{"text": system}]
    return [text for text in texts if not is_billing(str(text.get("text") or ""))]


def _find_marks(value: object) -> Iterator[Mapping[str, Any]]:
    """Wherever blocks are: at the top, in tools, the system prompt, messages and results; not in a tool's own input."""
    if isinstance(value, list):
        for each in value:
            yield from _find_marks(each)
    elif isinstance(value, Mapping):
        mark = value.get("cache_control")
        if isinstance(mark, Mapping):
            yield mark
        for name in ("tools", "system", "messages", "content"):
            yield from _find_marks(value.get(name))


def _unmark(value: object) -> object:
    if isinstance(value, list):
        return [_unmark(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _unmark(each) for name, each in value.items() if name != "cache_control"}
    return value
