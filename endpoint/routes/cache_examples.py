"""What to send to the prompt cache's control plane, and what comes back, for the OpenAPI page. Pure data."""

from __future__ import annotations

from typing import Any

_BOTH: dict[str, Any] = {
    "supported": True,
    "capabilities": {
        "supported": True,
        "mode": "local_control_plane",
        "supports_set": True,
        "supports_clear": True,
        "supports_update": True,
        "supports_fork": True,
        "supports_prepare_modules": True,
        "supports_stats": True,
        "supports_save": True,
        "supports_load": True,
        "supports_ttl": True,
        "notes": ["backend: llamacpp", "keys name tokens; a request's messages always decide what is used of them"],
    },
}
_SAVED = {"name": "project-v1", "token_count": 1372, "bytes": 31850496, "saved_at_s": 1767225600.5, "usable": True}
_META = {
    "backend": "llamacpp",
    "token_count": 1372,
    "bytes": 31850496,
    "tier": "ram",
    "pinned": True,
    "created_at_s": 1767225600.5,
    "used_at_s": 1767225660.5,
    "ttl_s": 3600.0,
    "expires_in_s": 3540.0,
}


LEDGER: dict[str, object] = {
    "weights_bytes": 97849344,
    "kv_bytes": 188743680,
    "prefix_bytes": 31850496,
    "prefix_budget_bytes": 6442450944,
    "parked_bytes": 0,
    "disk_bytes": 31850880,
    "disk_budget_bytes": 10737418240,
}


def _done(operation: str, **more: object) -> dict[str, Any]:
    return {**_BOTH, "operation": operation, "ok": True, **more}


REQUESTS: dict[str, dict[str, object]] = {
    "set": {"Make a key that lives an hour": {"key": "project", "make_default": False, "ttl_s": 3600}},
    "update": {
        "Compute a system prompt ahead": {
            "key": "project",
            "system_prompt": "You know this project well, and those who made it. Be brief, and say what you know.",
        },
        "Go on with messages": {"key": "project", "messages": [{"role": "user", "content": "Where do we begin?"}]},
    },
    "fork": {"Try another way": {"from_key": "project", "to_key": "project-branch"}},
    "prepare_modules": {
        "Two layers": {
            "namespace": "acme",
            "modules": [
                {"module_id": "persona", "system_prompt": "You are a harbour master, and brief."},
                {"module_id": "memory", "system_prompt": "Nine ships came in yesterday."},
            ],
        }
    },
    "key_meta": {"Say whose it is": {"key": "project", "meta": {"session_id": "s-1"}}},
    "save": {"Keep it": {"key": "project", "name": "project-v1"}},
    "load": {"Take it up": {"name": "project-v1", "key": "project"}},
    "delete": {"Keep it no more": {"name": "project-v1"}},
    "clear": {"Forget one key": {"key": "project-branch"}, "Forget everything": {}},
}
ANSWERS: dict[str, dict[str, object]] = {
    "stats": {
        "One key": {
            **_BOTH,
            "operation": "stats",
            "stats": {
                "entries": 1,
                "max_entries": None,
                "default_ttl_s": None,
                "default_key": "project",
                "keys": ["project"],
                "meta_by_key": {"project": _META},
                "ram_bytes": 31850496,
                "ram_budget_bytes": 6442450944,
                "disk_bytes": 31850880,
                "disk_budget_bytes": 10737418240,
                "disk_entries": 1,
                "ledger": LEDGER,
            },
        }
    },
    "capabilities": {"All of it": {**_BOTH, "operation": "capabilities"}},
    "list": {"One": _done("list", saved=[_SAVED])},
    "set": {"Done": _done("set", key="project", token_count=0)},
    "update": {"Done": _done("update", key="project", token_count=1372)},
    "fork": {"Done": _done("fork", key="project-branch", token_count=1372)},
    "clear": {"Done": _done("clear", cleared=1)},
    "prepare_modules": {
        "Done": _done(
            "prepare_modules",
            namespace="acme",
            version=1,
            modules=[
                {
                    "module_id": "persona",
                    "cache_key": "acme:0a61f6a52d1b44e0b6ff1d6fd6a0b2c3",
                    "module_hash": "5b0c7c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162738495a6b7c8d9",
                    "token_count": 14,
                }
            ],
            final_cache_key="acme:0a61f6a52d1b44e0b6ff1d6fd6a0b2c3",
        )
    },
    "key_meta": {"Done": _done("key_meta", key="project", token_count=1372, meta={"session_id": "s-1", **_META})},
    "save": {"Done": _done("save", saved=_SAVED)},
    "load": {"Done": _done("load", key="project", token_count=1372)},
    "delete": {"Done": _done("delete")},
}
_LINE: dict[str, object] = {
    "request_id": "chatcmpl-1f0e5a",
    "x_request_id": "req_9c1d",
    "at_s": 1767225600.5,
    "prompt_tokens": 1380,
    "cached_tokens": 812,
    "tier": "ram",
    "key": "project",
    "miss": "diverged",
    "detail": "",
}
EXPLANATIONS: dict[str, object] = {
    "A clock in the system message": {
        **_LINE,
        "candidate_tokens": 1377,
        "shared_tokens": 812,
        "kind": "time",
        "summary": "Message 0 (system) changed at character 3202: a timestamp.",
        "divergence": {
            "token": 812,
            "character": 3241,
            "message": {"index": 0, "role": "system", "character": 3202},
            "piece": "text",
            "tool": None,
            "in_template_text": False,
            "text_before": "The rules end here. It is now 10:",
            "earlier_text": "41. Work with care.",
            "new_text": "42. Work with care.",
            "change": "message 0 (system) changed at character 3202: a timestamp",
            "earlier_request_id": "chatcmpl-7b20c4",
        },
    }
}
RECENTS: dict[str, object] = {"One request": {"requests": [_LINE]}}
