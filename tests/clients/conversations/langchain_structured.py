"""langchain-openai: structured output by each of its methods."""

from __future__ import annotations

from typing import Literal

from local import model
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city."""

    name: str = Field(max_length=20)
    continent: Literal["Europe", "Asia"]


roomy = model.model_copy(update={"max_tokens": 200})
for method in ("json_schema", "function_calling"):
    answer = roomy.with_structured_output(City, method=method).invoke("Tell me of Oslo, in JSON.")
    assert isinstance(answer, City), answer
print("went well with structure")
