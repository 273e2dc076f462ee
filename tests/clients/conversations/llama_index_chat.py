"""llama-index: a streamed chat, the next turn, and a completion."""

from __future__ import annotations

from llama_index.core.llms import ChatMessage
from local import llm

messages = [ChatMessage(role="user", content="Why is the sky blue?")]
*_, last = llm.stream_chat(messages)
assert last.message.content
messages += [last.message, ChatMessage(role="user", content="And at night?")]
second = llm.chat(messages)
assert second.raw.usage.prompt_tokens_details.cached_tokens > 0
assert llm.complete("The sky is").text
print("went well")
