"""The cache never changes what an MLX model says, of any kind of memory: alone, each answer is a fresh engine's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Finish
from endpoint.providers.base import MemoryKind, Provider, Sampling
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.registry import load_provider
from tests.endpoint.engine.rig import Answer, read, running
from tests.tiny.mlx_models import write_tiny_mlx

GREEDY = Sampling(temperature=0)
SEEDED = Sampling(temperature=0.9, top_k=40, top_p=0.95, seed=11)
SYSTEM = "The keeper counts the ships, and writes each one down. " * 6
TOKENS = 16
Prompt = tuple[str, Sampling]


@pytest.fixture(scope="module", params=(MemoryKind.ATTENTION, MemoryKind.HYBRID))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp(request.param.value)
    write_tiny_mlx(request.param, path)
    return path


def loader(folder: Path) -> Callable[[Progress], Provider]:
    model, options = ModelRef("mlx", str(folder)), LoadOptions(n_ctx=2048, parallel=4, threads=1)
    return lambda progress: load_provider(model, options, progress)


async def ask(engine: Engine, prompt: Prompt) -> Answer:
    """Where the system message ends, and near the end, state that can't be cut is held."""
    text, sampling = prompt
    tokens = tuple(engine.model().tokenizer.encode(text, add_bos=True))
    depths = (len(SYSTEM), len(tokens) - 1)
    return await read(engine.submit(GenerationRequest(tokens, TOKENS, sampling, checkpoints=depths)))


def answers(folder: Path, prompts: list[Prompt], *, cache_bytes: int = 1 << 30) -> list[Answer]:
    async def scenario() -> list[Answer]:
        async with running(load=loader(folder), cache_bytes=cache_bytes) as engine:
            return [await ask(engine, prompt) for prompt in prompts]

    return asyncio.run(scenario())


def cached(answer: Answer) -> int:
    assert isinstance(answer.end, Finish)
    return answer.end.usage.cached_tokens


def test_turns_resends_and_other_questions_are_warm_and_the_same(folder: Path) -> None:
    first = SYSTEM + "How many?"
    turns = [first, first + " There were nine ships. When was that?", first + " There were nine ships. Who saw them?"]
    texts = (first, *turns, SYSTEM + "Which?", first, first)
    prompts = [(text, (GREEDY, SEEDED)[place % 2]) for place, text in enumerate(texts)]
    cold, warm = answers(folder, prompts, cache_bytes=0), answers(folder, prompts)
    assert [cached(answer) for answer in cold] == [0] * len(prompts)
    assert all(cached(answer) >= len(SYSTEM) - 2 for answer in warm[1:]), [cached(answer) for answer in warm]
    assert len({answer.text for answer in cold}) > len(prompts) // 2, "it doesn't listen: the test shows nothing"
    assert [answer.text for answer in warm] == [answer.text for answer in cold]


def test_an_answer_in_the_next_turn_changes_nothing(folder: Path) -> None:
    """Each turn has the model's own answer in it."""

    async def converse(cache_bytes: int) -> list[Answer]:
        conversation, told = SYSTEM, []
        async with running(load=loader(folder), cache_bytes=cache_bytes) as engine:
            for question in ("How many?", "And then?", "Who?"):
                conversation += question
                told.append(await ask(engine, (conversation, GREEDY)))
                conversation += "".join(letter for letter in told[-1].text if letter.isascii())
        return told

    cold, warm = asyncio.run(converse(0)), asyncio.run(converse(1 << 30))
    assert [answer.text for answer in warm] == [answer.text for answer in cold]
    for before, after in pairwise(warm):
        assert cached(after) >= max(cached(before), len(SYSTEM) - 2)


def test_clients_that_come_together_are_answered_as_alone(folder: Path) -> None:
    prompts = [(SYSTEM + f"{name}: how many?", GREEDY) for name in ("Ann", "Bo", "Cy", "Di")]

    async def together() -> list[Answer]:
        async with running(load=loader(folder)) as engine:
            return list(await asyncio.gather(*(ask(engine, prompt) for prompt in prompts)))

    shared = asyncio.run(together())
    assert [answer.text for answer in shared] == [answer.text for answer in answers(folder, prompts, cache_bytes=0)]
    assert sum(cached(answer) == 0 for answer in shared) == 1
