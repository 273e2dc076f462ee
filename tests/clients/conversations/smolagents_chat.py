"""smolagents: its model's stream and the next turn, as its agents call them."""

from __future__ import annotations

from local import model

messages = [{"role": "user", "content": [{"type": "text", "text": "Why is the sky blue?"}]}]
deltas = list(model.generate_stream(messages, stop_sequences=["Observation:"], max_tokens=30))
text = "".join(delta.content or "" for delta in deltas)
assert text
assert deltas[-1].token_usage.output_tokens > 0

messages += [
    {"role": "assistant", "content": [{"type": "text", "text": text}]},
    {"role": "user", "content": [{"type": "text", "text": "And at night?"}]},
]
second = model.generate(messages, max_tokens=10)
assert second.content
assert second.token_usage.input_tokens > 0
print("went well")
