"""openai-python: answers under a schema, whole and streamed, JSON without one, calls that must be made, embeddings."""

from __future__ import annotations

import json
from typing import Literal

import openai
from local import client
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city."""

    name: str = Field(max_length=20)
    continent: Literal["Europe", "Asia"]
    people: int = Field(ge=1, le=99_000_000)


ASKED: list[ChatCompletionMessageParam] = [
    {"role": "user", "content": "Tell me of Oslo, in JSON, as briefly as you can."}
]

parsed = client.chat.completions.parse(model="starter", messages=ASKED, response_format=City, max_tokens=200)
assert isinstance(parsed.choices[0].message.parsed, City)
with client.chat.completions.stream(
    model="starter", messages=[*ASKED, *ASKED], response_format=City, max_tokens=200
) as stream:
    assert isinstance(stream.get_final_completion().choices[0].message.parsed, City)

loose = client.chat.completions.create(
    model="starter", messages=ASKED, response_format={"type": "json_object"}, max_tokens=200, temperature=0
)
if loose.choices[0].finish_reason == "stop":
    assert isinstance(json.loads(loose.choices[0].message.content), dict)

tools = [openai.pydantic_function_tool(City, name="keep")]
for choice in ("required", {"type": "function", "function": {"name": "keep"}}):
    forced = client.chat.completions.parse(
        model="starter", messages=ASKED, tools=tools, tool_choice=choice, parallel_tool_calls=False, max_tokens=200
    )
    (call,) = forced.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, City)

embeddings = client.embeddings.create(model="starter", input=["Oslo", "a city in the north"])
assert [len(each.embedding) for each in embeddings.data] == [len(embeddings.data[0].embedding)] * 2
assert embeddings.usage.prompt_tokens > 0
print("went well with structure")
