"""The control plane as its tests speak to it: a served endpoint with a disk in memory."""

from __future__ import annotations

from typing import Any

from tests.endpoint.serving import Served

RULES = "You are a harbour master, and you know each ship that ever came in by its name and by its port."
ROOT = "/acore/prompt_cache"


def post(served: Served, operation: str, status: int = 200, /, **body: object) -> Any:
    answer = served.client.post(f"{ROOT}/{operation}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def stats(served: Served) -> Any:
    answer = served.client.get(f"{ROOT}/stats")
    assert answer.status_code == 200
    return answer.json()["stats"]


def cached(answer: Any) -> int:
    return int(answer.json()["usage"]["prompt_tokens_details"]["cached_tokens"])
