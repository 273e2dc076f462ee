"""Names of modules and of chains of them, as AbstractCore derives them: the same modules, the same keys, here too.

Source: abstractcore 2.30.0, `PromptCacheModule.normalized` and `.fingerprint`, `prompt_cache_prepare_modules`. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MESSAGE_FIELDS = ("name", "tool_call_id", "tool_calls", "function_call")


@dataclass(frozen=True, slots=True)
class ModuleName:
    """A module's own hash, and the key of the chain that ends with it."""

    module_id: str
    module_hash: str
    cache_key: str


def name_chain(namespace: str, modules: Sequence[Mapping[str, Any]], version: int) -> tuple[ModuleName, ...]:
    """In order. Module ids are not empty; messages and tools are JSON."""
    chain = hashlib.sha256(f"acore-prompt-cache:{version}".encode()).hexdigest()
    names = []
    for module in modules:
        module_hash = hash_module(module, version)
        chain = hashlib.sha256((chain + module_hash).encode()).hexdigest()
        names.append(ModuleName(str(module["module_id"]).strip(), module_hash, f"{namespace}:{chain[:32]}"))
    return tuple(names)


def hash_module(module: Mapping[str, Any], version: int) -> str:
    """SHA-256 of its compact sorted JSON, as hex."""
    scope = str(module.get("scope") or "private").strip().lower()
    fields = {
        "v": version,
        "module_id": str(module["module_id"]).strip(),
        "system_prompt": _strip(module.get("system_prompt")),
        "prompt": _strip(module.get("prompt")),
        "messages": _normalize_messages(module.get("messages")),
        "tools": list(module.get("tools") or ()) or None,
        "add_generation_prompt": bool(module.get("add_generation_prompt")),
        "scope": scope if scope in {"private", "shared"} else "private",
    }
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _strip(text: str | None) -> str | None:
    return text.strip() if text else None


def _normalize_messages(messages: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    found = []
    for message in messages or ():
        role = str(message.get("role") or "").strip().lower()
        if role:
            kept = {name: message[name] for name in _MESSAGE_FIELDS if name in message}
            found.append({"role": role, "content": message.get("content"), **kept})
    return found or None
