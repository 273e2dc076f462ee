"""anthropic: a stream, the next turn with the answer and a tool's result in it, and a count of tokens."""

from __future__ import annotations

from local import client

MESSAGES: list[dict[str, object]] = [{"role": "user", "content": "Why is the sky blue?"}]
WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}

with client.messages.stream(model="starter", max_tokens=30, messages=MESSAGES) as stream:
    text = "".join(stream.text_stream)
first = stream.get_final_message()
assert text
assert first.usage.output_tokens == 30
assert first.stop_reason == "max_tokens"

MESSAGES += [{"role": "assistant", "content": first.content}, {"role": "user", "content": "And at night?"}]
second = client.messages.create(model="starter", max_tokens=10, messages=MESSAGES)
assert second.usage.cache_read_input_tokens > 0

MESSAGES += [
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}}],
    },
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "snow"}]},
]
third = client.messages.create(
    model="starter", max_tokens=10, messages=MESSAGES, tools=[WEATHER], tool_choice={"type": "auto"}, system="Be brief."
)
assert third.usage.output_tokens > 0
count = client.messages.count_tokens(model="starter", messages=MESSAGES, tools=[WEATHER], system="Be brief.")
assert count.input_tokens == third.usage.input_tokens + third.usage.cache_read_input_tokens
print("went well")
