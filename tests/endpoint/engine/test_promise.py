"""The cache never changes what the model says: alone, each answer is the one that an engine without a past gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from endpoint.cache.residency import WORTH_KEEPING
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Finish
from endpoint.providers.base import Provider, Sampling
from endpoint.providers.llamacpp import loader
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.engine.rig import Answer, read, running
from tests.endpoint.serving import wait_until

TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
SYSTEM = "<|im_start|>system\n" + "You answer in short sentences, from the notes. " * 8 + "<|im_end|>\n"
GREEDY = Sampling(temperature=0)
SEEDED = Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05, seed=11)
TOKENS = WORTH_KEEPING + 4


def load_starter(_progress: Progress) -> Provider:
    return loader.load("starter", LoadOptions(n_ctx=2048, parallel=4, threads=1), lambda _share: None)


async def ask(engine: Engine, prompt: str, sampling: Sampling) -> Answer:
    tokens = tuple(engine.model().tokenizer.encode(prompt, add_bos=True))
    return await read(engine.submit(GenerationRequest(tokens, TOKENS, sampling)))


def answers(prompts: list[tuple[str, Sampling]], *, cache_bytes: int = 1 << 30) -> list[Answer]:
    async def scenario() -> list[Answer]:
        async with running(load=load_starter, cache_bytes=cache_bytes) as engine:
            return [await ask(engine, prompt, sampling) for prompt, sampling in prompts]

    return asyncio.run(scenario())


def test_answers_alone_are_the_same_cold_and_warm() -> None:
    questions = ["What is gravity?", "Tell me about cats."]
    prompts = [(SYSTEM + TURN.format(question), sampling) for question in questions for sampling in (GREEDY, SEEDED)]
    cold, warm = answers(prompts, cache_bytes=0), answers(prompts + prompts[::-1])
    cached = [answer.end.usage.cached_tokens for answer in warm if isinstance(answer.end, Finish)]
    assert all(count > 0 for count in cached[1:]), "nothing was reused: the test shows nothing"
    assert [answer.text for answer in warm] == [answer.text for answer in cold + cold[::-1]]


@pytest.mark.slow_suite
def test_the_next_turns_of_a_conversation_are_the_same_cold_and_warm() -> None:
    conversation = SYSTEM + TURN.format("What is gravity?")
    prompts = [(conversation, GREEDY)]
    for question in ("Who found it?", "And on the moon?"):
        conversation += "It is a force between masses.<|im_end|>\n" + TURN.format(question)
        prompts.append((conversation, GREEDY))
    cold, warm = answers(prompts, cache_bytes=0), answers(prompts)
    assert [answer.text for answer in warm] == [answer.text for answer in cold]


CELL_BYTES = 30 * 2 * 192 * 2
"""A token's state in the starter: 30 layers, keys and values, 192 wide, two bytes each."""


def converse(*, reading: bool) -> list[Answer]:
    """Three turns with the model's own answers in them, each prefilled while it is read; cold, nothing is held."""

    async def scenario() -> list[Answer]:
        conversation, answered = SYSTEM, []
        async with running(load=load_starter, cache_bytes=1 << 30 if reading else 0) as engine:
            for question in ("What is gravity?", "Tell me more about it.", "And on the moon?"):
                conversation += TURN.format(question)
                answered.append(await ask(engine, conversation, GREEDY))
                conversation += answered[-1].text + "<|im_end|>\n"
                if reading:
                    await asyncio.to_thread(wait_until, holds_answer(engine, answered[-1]), "the answer is prefilled")
        return answered

    return asyncio.run(scenario())


def holds_answer(engine: Engine, answer: Answer) -> Callable[[], bool]:
    assert isinstance(answer.end, Finish)
    tokens = answer.end.usage.prompt_tokens + answer.end.usage.completion_tokens
    return lambda: engine.metrics().provider.held_bytes >= (tokens - 1) * CELL_BYTES


@pytest.mark.parametrize("exact", [pytest.param(True, marks=pytest.mark.slow_suite), False])
def test_the_answer_is_found_in_the_next_turn_and_changes_nothing(exact: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held as it was computed, or prefilled while it is read where the library rounds differently there."""
    if not exact:
        monkeypatch.setattr(loader, "is_batch_exact", lambda _context, _n_vocab: False)
    cold, warm = converse(reading=False), converse(reading=True)
    assert [answer.text for answer in warm] == [answer.text for answer in cold]
    for before, after in pairwise(warm):
        assert isinstance(before.end, Finish)
        assert isinstance(after.end, Finish)
        assert after.end.usage.cached_tokens >= before.end.usage.prompt_tokens + before.end.usage.completion_tokens - 3
