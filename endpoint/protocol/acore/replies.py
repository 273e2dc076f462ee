"""The control plane's answers, in AbstractCore's shapes; what is ours comes beside its fields. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from endpoint.cache.report import Tier
from endpoint.engine.control import KeysView, KeyView, SavedView
from endpoint.engine.metrics import ByteLedger
from endpoint.errors import RequestError
from endpoint.protocol.acore.modules import ModuleName

Body = dict[str, Any]


def write_capabilities(backend: str, *, keeps: bool, saves: bool) -> Body:
    """`keeps`: prefixes are held in RAM; `saves`: on disk too."""
    notes = [f"backend: {backend}", "keys name tokens; a request's messages always decide what is used of them"]
    if not keeps:
        notes.append("nothing is held: the endpoint was started with --cache-ram 0")
    elif not saves:
        notes.append("nothing is saved: the endpoint was started with --cache-disk 0")
    return {
        "supported": True,
        "mode": "local_control_plane",
        "supports_set": True,
        "supports_clear": True,
        "supports_update": True,
        "supports_fork": True,
        "supports_prepare_modules": True,
        "supports_stats": True,
        "supports_save": saves,
        "supports_load": saves,
        "supports_ttl": True,
        "notes": notes,
    }


def write_done(operation: str, capabilities: Body, view: KeyView | None = None) -> Body:
    """It is done; `view`: the key that it was done to."""
    body: Body = {"supported": True, "operation": operation, "ok": True, "capabilities": capabilities}
    if view is not None:
        body |= {"key": view.name, "token_count": len(view.tokens)}
    return body


def write_error(operation: str, error: RequestError, capabilities: Body) -> Body:
    """`supported` is false as there: its clients look at that first."""
    return {
        "supported": False,
        "operation": operation,
        "ok": False,
        "code": error.code or "prompt_cache_error",
        "error": str(error),
        "param": error.param,
        "capabilities": capabilities,
    }


def write_ledger(ledger: ByteLedger) -> Body:
    """Where the bytes are."""
    return {
        "weights_bytes": ledger.weights,
        "kv_bytes": ledger.kv,
        "prefix_bytes": ledger.prefixes,
        "prefix_budget_bytes": ledger.prefix_budget,
        "parked_bytes": ledger.parked,
        "disk_bytes": ledger.disk,
        "disk_budget_bytes": ledger.disk_budget,
    }


def write_stats(view: KeysView, ledger: ByteLedger, backend: str, now: float, capabilities: Body) -> Body:
    """`now` in Unix seconds. No limit in number: `max_entries` is null."""
    stats = {
        "entries": len(view.keys),
        "max_entries": None,
        "default_ttl_s": None,
        "default_key": view.default_key,
        "keys": [key.name for key in view.keys],
        "meta_by_key": {key.name: write_key(key, backend, now) for key in view.keys},
        "ram_bytes": view.ram_bytes,
        "ram_budget_bytes": view.ram_budget,
        "disk_bytes": view.disk_bytes,
        "disk_budget_bytes": view.disk_budget,
        "disk_entries": view.disk_entries,
        "ledger": write_ledger(ledger),
    }
    return {"supported": True, "operation": "stats", "capabilities": capabilities, "stats": stats}


def write_key(key: KeyView, backend: str, now: float) -> Body:
    """One key, its caller's meta first: what the endpoint says wins."""
    expires = None if key.ttl_s is None else max(0.0, round(key.used_at_s + key.ttl_s - now, 3))
    return {
        **key.meta,
        "backend": backend,
        "token_count": len(key.tokens),
        "bytes": key.bytes,
        "tier": key.tier.value,
        "pinned": key.tier is Tier.RAM,
        "created_at_s": key.created_at_s,
        "used_at_s": key.used_at_s,
        "ttl_s": key.ttl_s,
        "expires_in_s": expires,
    }


def write_prepared(
    namespace: str, version: int, names: Sequence[ModuleName], counts: Sequence[int], capabilities: Body
) -> Body:
    """`counts`: tokens up to each module's end."""
    modules = [
        {
            "module_id": name.module_id,
            "cache_key": name.cache_key,
            "module_hash": name.module_hash,
            "token_count": count,
        }
        for name, count in zip(names, counts, strict=True)
    ]
    return {
        "supported": True,
        "operation": "prepare_modules",
        "ok": True,
        "capabilities": capabilities,
        "namespace": namespace,
        "version": version,
        "modules": modules,
        "final_cache_key": names[-1].cache_key,
    }


def write_saved(saved: SavedView) -> Body:
    """One prefix that was saved by name."""
    return {
        "name": saved.name,
        "token_count": saved.tokens,
        "bytes": saved.bytes,
        "saved_at_s": saved.saved_at_s,
        "usable": saved.usable,
    }
