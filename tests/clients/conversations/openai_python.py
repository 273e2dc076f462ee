"""openai-python: a stream, the next turn, a streamed request with tools, and what a tool said."""

from __future__ import annotations

from local import client
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Why is the sky blue?"}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

chunks = list(
    client.chat.completions.create(
        model="starter", messages=MESSAGES, max_tokens=30, stream=True, stream_options={"include_usage": True}
    )
)
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
assert text
assert chunks[-1].usage.completion_tokens == 30

MESSAGES += [{"role": "assistant", "content": text}, {"role": "user", "content": "And at night?"}]
second = client.chat.completions.create(model="starter", messages=MESSAGES, max_tokens=10)
assert second.usage.prompt_tokens_details.cached_tokens > 0

MESSAGES += [
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "snow"}]},
]
for choice in ("auto", "none"):
    chunks = list(
        client.chat.completions.create(
            model="starter",
            messages=MESSAGES,
            tools=[WEATHER],
            tool_choice=choice,
            max_tokens=10,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[-2].choices[0].finish_reason
print("went well")
