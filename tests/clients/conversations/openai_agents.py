"""openai-agents over both of its APIs: a streamed run that uses a tool, and a second turn of its session."""

from __future__ import annotations

import asyncio

from agents import Agent, Model, ModelSettings, Runner, SQLiteSession, function_tool
from local import model, responses_model


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"snow in {city}"


async def converse(model: Model) -> None:
    settings = ModelSettings(include_usage=True)
    agent = Agent(name="Local", instructions="Answer briefly.", model=model, model_settings=settings)
    agent.tools.append(get_weather)
    session = SQLiteSession("conversation")
    first = Runner.run_streamed(agent, "How is the weather in Oslo, and what should I wear?", session=session)
    async for _ in first.stream_events():
        pass
    second = await Runner.run(agent, "And tomorrow?", session=session)
    assert first.final_output == second.final_output
    assert second.context_wrapper.usage.input_tokens_details.cached_tokens > 0
    print(second.final_output)


async def converse_with_both() -> None:
    for each in (model, responses_model):
        await converse(each)


asyncio.run(converse_with_both())
