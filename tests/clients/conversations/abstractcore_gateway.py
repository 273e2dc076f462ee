"""abstractcore: its gateway proxies every operation of the prompt cache's control plane; its client streams a chat with
a key, and another one."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import httpx
import uvicorn
from local import ENDPOINT, llm

os.environ["ABSTRACTCORE_SERVER_ALLOW_UNAUTHENTICATED"] = "1"  # read when the gateway is imported

from abstractcore.providers.base import PromptCacheModule
from abstractcore.providers.openai_compatible_provider import OpenAICompatibleProvider
from abstractcore.server.app import app

RULES = "You are a harbour master. You know each ship that ever came in by its name, its port and what it carried. " * 3
TOOL = {"name": "look", "description": "Looks at a ship.", "parameters": {"ship": {"type": "string"}}}
MODULES: list[dict[str, Any]] = [
    {"module_id": "persona", "system_prompt": RULES},
    {"module_id": "memory", "messages": [{"role": "user", "content": "Nine ships came in."}]},
]
ROOT = "/acore/prompt_cache/"


class Chain(OpenAICompatibleProvider):  # type: ignore[misc]  # Any: installed only where this runs
    """The package's own chains of keys, from its own code, over a state that holds nothing."""

    def _prompt_cache_backend_create(self) -> list[str]:
        return ["begun"]  # an empty one would count as none

    def _prompt_cache_backend_clone(self, cache_value: list[str]) -> list[str]:
        return list(cache_value)

    def _prompt_cache_backend_append(self, cache_value: list[str], **content: object) -> bool:
        cache_value.append(repr(content))
        return True


def start_gateway() -> httpx.Client:
    """AbstractCore's own server, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=300)


gateway = start_gateway()


def get(operation: str) -> Any:
    return checked(gateway.get(ROOT + operation, params={"base_url": ENDPOINT}))


def post(operation: str, **wish: object) -> Any:
    return checked(gateway.post(ROOT + operation, json={"base_url": ENDPOINT, **wish}))


def checked(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.json()["supported"], answer.text
    return answer.json()


assert get("capabilities")["capabilities"]["mode"] == "local_control_plane"
post("set", key="project", ttl_s=600)
count = post("update", key="project", system_prompt=RULES, tools=[TOOL])["token_count"]
post("fork", from_key="project", to_key="branch")
post("key_meta", key="branch", meta={"session_id": "s-1"})
prepared = post("prepare_modules", namespace="acme", modules=MODULES)
hashes = [PromptCacheModule(**module).fingerprint(version=1) for module in MODULES]
assert [module["module_hash"] for module in prepared["modules"]] == hashes
chain = Chain(model="starter", base_url=ENDPOINT, api_key="none", validate_model=False)
expected = chain.prompt_cache_prepare_modules(namespace="acme", modules=MODULES)
keys = [module["cache_key"] for module in expected["modules"]]
assert [module["cache_key"] for module in prepared["modules"]] == keys
stats = get("stats")["stats"]
assert stats["meta_by_key"]["branch"]["token_count"] == count
assert stats["meta_by_key"]["branch"]["session_id"] == "s-1"
assert prepared["final_cache_key"] in stats["keys"]
post("clear", key="branch")

pieces = llm.generate("Who came?", system_prompt=RULES, prompt_cache_key="talk", max_output_tokens=20, stream=True)
assert "".join(piece.content or "" for piece in pieces)
second = llm.generate("And then?", system_prompt=RULES, prompt_cache_key="talk", max_output_tokens=10)
assert second.usage["cached_input_tokens"] > 50
post("clear")
assert get("stats")["stats"]["keys"] == []
print("went well")
