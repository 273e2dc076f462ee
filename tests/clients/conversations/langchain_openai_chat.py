"""langchain-openai: a stream, the next turn, and a request with tools bound."""

from __future__ import annotations

from langchain_core.tools import tool
from local import model


@tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"snow in {city}"


history: list[object] = [("user", "Why is the sky blue?")]
whole = None
for chunk in model.stream(history):
    whole = chunk if whole is None else whole + chunk
assert whole is not None
assert whole.content
assert whole.usage_metadata["output_tokens"] > 0

history += [whole, ("user", "And at night?")]
second = model.invoke(history)
assert second.usage_metadata["input_token_details"]["cache_read"] > 0
third = model.bind_tools([get_weather]).invoke([*history, second, ("user", "What is the weather in Oslo?")])
assert third.content or third.tool_calls
print("went well")
