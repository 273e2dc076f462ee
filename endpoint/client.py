"""A small client for the prompt cache's control plane (docs/prompt-cache.md). Standard library only.

client = PromptCacheClient()
client.update("agent", system_prompt="You know this project well.")
client.fork("agent", "agent-try-2")
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from endpoint.contract import DEFAULT_HOST, DEFAULT_PORT

Answer = dict[str, Any]
Json = Mapping[str, Any]
ROOT = "/acore/prompt_cache"


class PromptCacheError(Exception):
    """The endpoint refused: its HTTP `status` (0: it wasn't reached), a `code`, and the reason as text."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class PromptCacheClient:
    """One endpoint. `base_url` may end with /v1; `timeout_s`: how long an answer may take, a prefill included. Every
    method returns the answer's JSON and raises PromptCacheError."""

    def __init__(
        self,
        base_url: str = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}",
        api_key: str | None = None,
        timeout_s: float = 600.0,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise ValueError(f"base_url must begin with http:// or https:// and name a host, got {base_url!r}.")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/").removesuffix("/v1") + ROOT
        self._headers = {"content-type": "application/json"}
        if api_key is not None:
            self._headers["authorization"] = f"Bearer {api_key}"
        self._timeout_s = timeout_s

    def stats(self) -> Answer:
        """Keys, what they stand for, and bytes."""
        return self._send("GET", "stats")

    def capabilities(self) -> Answer:
        """What the control plane can do."""
        return self._send("GET", "capabilities")

    def set(self, key: str, *, make_default: bool = True, ttl_s: float | None = None) -> Answer:
        """Make a key, or choose the default one."""
        return self._send("POST", "set", {"key": key, "make_default": make_default, "ttl_s": ttl_s})

    def update(
        self,
        key: str,
        *,
        system_prompt: str | None = None,
        messages: Sequence[Json] | None = None,
        tools: Sequence[Json] | None = None,
        prompt: str | None = None,
        tokens: Sequence[int] | None = None,
        ttl_s: float | None = None,
    ) -> Answer:
        """Append to a key, which is made when it isn't there, and compute it."""
        said = {"system_prompt": system_prompt, "messages": messages, "tools": tools, "prompt": prompt}
        return self._send("POST", "update", {"key": key, **said, "tokens": tokens, "ttl_s": ttl_s})

    def fork(self, from_key: str, to_key: str, *, make_default: bool = False, ttl_s: float | None = None) -> Answer:
        """Let another key stand for the same; nothing is copied."""
        wish = {"from_key": from_key, "to_key": to_key, "make_default": make_default, "ttl_s": ttl_s}
        return self._send("POST", "fork", wish)

    def clear(self, key: str | None = None) -> Answer:
        """Forget a key, or everything, on disk too."""
        return self._send("POST", "clear", {"key": key})

    def prepare_modules(
        self, namespace: str, modules: Sequence[Json], *, make_default: bool = False, ttl_s: float | None = None
    ) -> Answer:
        """Compute a chain of keys, one for each module and those before it."""
        wish = {"namespace": namespace, "modules": modules, "make_default": make_default, "ttl_s": ttl_s}
        return self._send("POST", "prepare_modules", wish)

    def note(self, key: str, meta: Json) -> Answer:
        """Keep something with a key."""
        return self._send("POST", "key_meta", {"key": key, "meta": meta})

    def save(self, key: str, name: str | None = None) -> Answer:
        """Keep a key's prefix on disk under a name (the key's own), until it is deleted."""
        return self._send("POST", "save", {"key": key, "name": name})

    def load(self, name: str, key: str | None = None, *, ttl_s: float | None = None) -> Answer:
        """Let a key (of the same name) stand for what was saved."""
        return self._send("POST", "load", {"name": name, "key": key, "ttl_s": ttl_s})

    def list_saved(self) -> Answer:
        """What was saved by name."""
        return self._send("GET", "list")

    def delete(self, name: str) -> Answer:
        """Delete what was saved by name."""
        return self._send("POST", "delete", {"name": name})

    def explain(self, request_id: str) -> Answer:
        """Why a request reused what it did: by its answer's id, or its x-request-id."""
        return self._send("GET", f"explain?request_id={quote(request_id, safe='')}")

    def recent(self, limit: int = 20) -> Answer:
        """What the last requests reused, the newest first."""
        return self._send("GET", f"recent?limit={limit}")

    def _send(self, method: str, operation: str, wish: Json | None = None) -> Answer:
        fields = {name: value for name, value in (wish or {}).items() if value is not None}
        connection = self._connect(self._host, self._port, timeout=self._timeout_s)
        try:
            body = json.dumps(fields) if method == "POST" else None
            connection.request(method, f"{self._path}/{operation}", body, self._headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            message = f"No answer from {self._host}:{self._port or ''}: {error}. Is the endpoint running?"
            raise PromptCacheError(0, "no_answer", message) from error
        finally:
            connection.close()
        return _read(status, text)


def _read(status: int, text: bytes) -> Answer:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise PromptCacheError(status, "not_json", f"The answer (HTTP {status}) is no JSON object: {text[:80]!r}.")
    if status < 400:
        return said
    error = said.get("error")
    if isinstance(error, dict):  # OpenAI's shape: from before the control plane
        raise PromptCacheError(status, str(error.get("code")), str(error.get("message")))
    raise PromptCacheError(status, str(said.get("code")), str(error))
