"""pydantic-ai: typed output by a call that it forces, and by a JSON schema."""

from __future__ import annotations

from typing import Literal

from local import model
from pydantic import BaseModel, Field
from pydantic_ai import Agent, NativeOutput


class City(BaseModel):
    """A city."""

    name: str = Field(max_length=20)
    continent: Literal["Europe", "Asia"]


for wanted in (City, NativeOutput(City)):
    agent = Agent(model, output_type=wanted, model_settings={"max_tokens": 200}, retries=0)
    assert isinstance(agent.run_sync("Tell me of Oslo.").output, City)
print("went well with structure")
