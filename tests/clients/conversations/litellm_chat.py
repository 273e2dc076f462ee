"""litellm: a stream and the next turn."""

from __future__ import annotations

from litellm import completion
from local import settings

messages = [{"role": "user", "content": "Why is the sky blue?"}]
chunks = list(
    completion(messages=messages, max_tokens=30, stream=True, stream_options={"include_usage": True}, **settings)
)
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
assert text
assert chunks[-1].usage.completion_tokens == 30

messages += [{"role": "assistant", "content": text}, {"role": "user", "content": "And at night?"}]
second = completion(messages=messages, max_tokens=10, **settings)
assert second.usage.prompt_tokens_details.cached_tokens > 0
print("went well")
