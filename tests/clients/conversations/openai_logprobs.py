"""openai-python: two choices of one prompt with their log-probabilities, streamed, and a word that may not be said."""

from __future__ import annotations

import math

from local import client
from openai.types.chat import ChatCompletionMessageParam

ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Name a colour of the sky, in one word."}]

chunks = list(
    client.chat.completions.create(
        model="starter",
        messages=ASKED,
        n=2,
        logprobs=True,
        top_logprobs=3,
        max_tokens=8,
        stream=True,
        stream_options={"include_usage": True},
    )
)
told = [choice for chunk in chunks for choice in chunk.choices if choice.logprobs and choice.logprobs.content]
assert {choice.index for choice in told} == {0, 1}
for choice in told:
    for token in choice.logprobs.content:
        assert len(token.top_logprobs) == 3
        assert math.exp(token.logprob) <= 1

plain = client.completions.create(model="starter", prompt="The sky is", max_tokens=1, logprobs=1, temperature=0)
(first,) = plain.choices[0].logprobs.tokens
tokenize = str(client.base_url).replace("/v1/", "/tokenize")
numbers = client.post(tokenize, cast_to=dict, body={"content": first})["tokens"]
biased = client.completions.create(
    model="starter", prompt="The sky is", max_tokens=1, temperature=0, logit_bias={str(numbers[0]): -100}
)
assert biased.choices[0].text != first
print("went well with log-probabilities")
