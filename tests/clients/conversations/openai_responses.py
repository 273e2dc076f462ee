"""openai-python over the Responses API: a stream, the next turn by the response's id, and a streamed one with tools."""

from __future__ import annotations

from local import client

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}

with client.responses.stream(model="starter", input="Why is the sky blue?", max_output_tokens=30) as stream:
    events = list(stream)
text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
assert events[-1].type == "response.incomplete"
first = events[-1].response
assert text == first.output_text != ""
assert first.usage.output_tokens == 30

second = client.responses.create(
    model="starter", previous_response_id=first.id, input="And at night?", max_output_tokens=10
)
assert second.usage.input_tokens_details.cached_tokens > 0

call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"city": "Oslo"}'}
result = {"type": "function_call_output", "call_id": "call_1", "output": "snow"}
with client.responses.stream(
    model="starter",
    previous_response_id=second.id,
    input=[call, result],
    tools=[WEATHER],
    max_output_tokens=10,
    store=False,
) as stream:
    *_, last = stream
assert last.response.usage.output_tokens > 0
print("went well")
