"""openai-agents over chat completions: a streamed run with a tool at hand, and a second turn of its session."""

from __future__ import annotations

import asyncio

from agents import Agent, ModelSettings, Runner, SQLiteSession, function_tool
from local import model


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"snow in {city}"


async def converse() -> None:
    settings = ModelSettings(max_tokens=40, temperature=0, include_usage=True)
    agent = Agent(name="Local", instructions="Answer briefly.", model=model, model_settings=settings)
    agent.tools.append(get_weather)
    session = SQLiteSession("conversation")
    first = Runner.run_streamed(agent, "Why is the sky blue?", session=session)
    async for _ in first.stream_events():
        pass
    assert first.final_output
    second = await Runner.run(agent, "And at night?", session=session)
    assert second.final_output
    assert second.context_wrapper.usage.input_tokens_details.cached_tokens > 0


asyncio.run(converse())
print("went well")
