"""langchain-openai: log-probabilities."""

from __future__ import annotations

from local import model

answer = model.bind(logprobs=True, top_logprobs=2, max_tokens=8).invoke("Name a colour of the sky, in one word.")
told = answer.response_metadata["logprobs"]["content"]
assert told
assert all(len(token["top_logprobs"]) == 2 for token in told)
print("went well with log-probabilities")
