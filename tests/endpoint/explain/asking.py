"""Chats with a real server over the fake provider, whose template is ChatML with tools, and what is told of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from endpoint.engine.residence import OpenStore
from endpoint.protocol.acore.schemas import ExplanationAnswer, RecentAnswer
from tests.endpoint.routes.echoing import TURNS, load
from tests.endpoint.serving import Served, serving

ROOT = "/acore/prompt_cache"
RULES = (
    "You keep the harbour's book, and write down each ship that comes in, its port and what it carries. "
    "It is 10:41 now. Be brief, be exact, and never guess what you can't see in the book."
)
Message = dict[str, Any]


@contextlib.contextmanager
def serving_chats(open_store: OpenStore | None = None) -> Iterator[Served]:
    with serving(partial(load, template=TURNS), open_store=open_store) as served:
        yield served


def say(role: str, content: str, **more: object) -> Message:
    return {"role": role, "content": content, **more}


def tool(name: str, description: str = "Does what its name says.", **properties: object) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def chat(served: Served, messages: Sequence[Message], **fields: object) -> str:
    """Its id, once it is answered."""
    body = {"messages": list(messages), "max_tokens": 4, **fields}
    response = served.client.post("/v1/chat/completions", json=body)
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


def explain(served: Served, request_id: str) -> ExplanationAnswer:
    response = served.client.get(f"{ROOT}/explain", params={"request_id": request_id})
    assert response.status_code == 200, response.text
    return ExplanationAnswer.model_validate(response.json())


def ask_why(served: Served, messages: Sequence[Message], **fields: object) -> ExplanationAnswer:
    """Chat, and have it explained."""
    return explain(served, chat(served, messages, **fields))


def list_recent(served: Served, limit: int = 20) -> RecentAnswer:
    response = served.client.get(f"{ROOT}/recent", params={"limit": limit})
    assert response.status_code == 200, response.text
    return RecentAnswer.model_validate(response.json())
