"""pydantic-ai: an agent's streamed run with a tool at hand, and a second run that goes on from the first."""

from __future__ import annotations

from local import model
from pydantic_ai import Agent

agent = Agent(model, model_settings={"max_tokens": 40, "temperature": 0})


@agent.tool_plain
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"snow in {city}"


with_stream = agent.run_stream_sync("Why is the sky blue?")
first = "".join(with_stream.stream_text(delta=True))
assert first
assert with_stream.usage.output_tokens > 0
second = agent.run_sync("And at night?", message_history=with_stream.all_messages())
assert second.output
assert second.usage.cache_read_tokens > 0
print("went well")
