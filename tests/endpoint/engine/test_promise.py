"""The cache never changes what the model says: alone, each answer is the one that an engine without a past gives."""

from __future__ import annotations

import asyncio

from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Finish
from endpoint.providers.base import LoadOptions, Progress, Provider, Sampling
from endpoint.providers.llamacpp.loader import load
from tests.endpoint.engine.rig import Answer, read, running

TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
SYSTEM = "<|im_start|>system\n" + "You answer in short sentences, from the notes. " * 8 + "<|im_end|>\n"
GREEDY = Sampling(temperature=0)
SEEDED = Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05, seed=11)
TOKENS = 80


def load_starter(_progress: Progress) -> Provider:
    return load("starter", LoadOptions(n_ctx=2048, parallel=4, threads=1), lambda _share: None)


async def ask(engine: Engine, prompt: str, sampling: Sampling) -> Answer:
    tokens = tuple(engine.model().tokenizer.encode(prompt, add_bos=True))
    return await read(engine.submit(GenerationRequest(tokens, TOKENS, sampling)))


def answers(prompts: list[tuple[str, Sampling]], *, cache_bytes: int = 1 << 30) -> list[Answer]:
    async def scenario() -> list[Answer]:
        async with running(load=load_starter, cache_bytes=cache_bytes) as engine:
            return [await ask(engine, prompt, sampling) for prompt, sampling in prompts]

    return asyncio.run(scenario())


def test_answers_alone_are_the_same_cold_and_warm() -> None:
    questions = ["What is gravity?", "Why is the sky blue?", "Tell me about cats.", "How do I cook rice?"]
    prompts = [(SYSTEM + TURN.format(question), sampling) for question in questions for sampling in (GREEDY, SEEDED)]
    again = prompts + prompts[::-1]
    cold, warm = answers(again, cache_bytes=0), answers(again)
    cached = [answer.end.usage.cached_tokens for answer in warm if isinstance(answer.end, Finish)]
    assert all(count > 0 for count in cached[1:]), "nothing was reused: the test shows nothing"
    assert [answer.text for answer in warm] == [answer.text for answer in cold]


def test_the_next_turns_of_a_conversation_are_the_same_cold_and_warm() -> None:
    conversation = SYSTEM + TURN.format("What is gravity?")
    prompts = [(conversation, GREEDY)]
    for question in ("Who found it?", "And on the moon?"):
        conversation += "It is a force between masses.<|im_end|>\n" + TURN.format(question)
        prompts.append((conversation, GREEDY))
    cold, warm = answers(prompts, cache_bytes=0), answers(prompts)
    assert [answer.text for answer in warm] == [answer.text for answer in cold]
