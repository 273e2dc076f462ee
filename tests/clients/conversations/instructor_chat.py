"""instructor: a model of pydantic's, by tools, by a JSON schema and streamed in parts."""

from __future__ import annotations

from typing import Literal

import instructor
from local import clients
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city."""

    name: str = Field(max_length=20)
    continent: Literal["Europe", "Asia"]


history = [{"role": "user", "content": "Tell me of Oslo, the capital of Norway, and which continent it is on."}]
for client in clients:
    first, body = client.chat.completions.create_with_completion(
        model="starter", response_model=City, messages=history, max_tokens=200, max_retries=0
    )
    assert isinstance(first, City)
    assert body.usage.completion_tokens > 0
    told = [{"role": "assistant", "content": first.model_dump_json()}, {"role": "user", "content": "And of Tokyo?"}]
    *_, last = client.chat.completions.create_partial(
        model="starter",
        response_model=City,
        messages=[*history, *told],
        max_tokens=200,
        max_retries=0,
        stream_options={"include_usage": True},
    )
    assert last.continent in ("Europe", "Asia")
print("went well", instructor.__version__)
