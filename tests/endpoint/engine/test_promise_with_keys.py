"""The cache never changes what a model says: not with keys, forks, or prefixes that come back from the disk either."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from endpoint.cache.report import CacheReport, Tier
from endpoint.contract import ModelRef
from endpoint.engine.control import ForkKey, KeyTerms, KeyWish, ReadKey
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.providers.base import MemoryKind, Provider, Sampling
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.registry import load_provider
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.rig import read, running
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.models import write_tiny

GREEDY = Sampling(temperature=0)
SYSTEM = "The keeper counts the ships in the harbour, and writes each one down. " * 6
QUESTIONS = ["How many ships?", "And which of them was the first one to come in?", "Who saw them? " * 5]
TOKENS = 24
Load = Callable[[Progress], Provider]
KINDS = [
    ("llamacpp", "starter"),
    *(("llamacpp", kind.value) for kind in MemoryKind if kind is not MemoryKind.ATTENTION),
    ("mlx", MemoryKind.ATTENTION.value),
    ("mlx", MemoryKind.HYBRID.value),
]


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def load(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Load:
    provider, model = request.param
    place = tmp_path_factory.mktemp("model")
    if provider == "mlx":
        write_tiny_mlx(MemoryKind(model), place)
    elif model != "starter":
        place /= "tiny.gguf"
        write_tiny(MemoryKind(model), place)
    ref = ModelRef(provider, model if model == "starter" else str(place))
    return lambda progress: load_provider(ref, LoadOptions(n_ctx=2048, parallel=4, threads=1), progress)


def encode(engine: Engine, text: str) -> tuple[int, ...]:
    return tuple(engine.model().tokenizer.encode(text, add_bos=True))


async def ask(engine: Engine, text: str, key: str | None = None) -> tuple[str, CacheReport]:
    tokens = encode(engine, text)
    wish = None if key is None else KeyWish(key)
    request = GenerationRequest(tokens, TOKENS, GREEDY, checkpoints=(len(tokens) - 1,), key=wish)
    stream = engine.submit(request)
    report = await stream.report(60)
    assert report is not None
    return (await read(stream)).text, report


async def prepare(engine: Engine) -> None:
    tokens = encode(engine, SYSTEM)
    wish = KeyWish("base", exact=True)
    await read(engine.submit(GenerationRequest(tokens, 0, GREEDY, checkpoints=(len(tokens),), key=wish)))


@pytest.fixture(scope="module")
def cold(load: Load) -> list[str]:
    async def go() -> list[str]:
        async with running(load=load, cache_bytes=0) as engine:
            return [(await ask(engine, SYSTEM + question))[0] for question in QUESTIONS]

    return asyncio.run(go())


def test_answers_behind_keys_and_forks_are_those_of_a_fresh_engine(load: Load, cold: list[str]) -> None:
    async def go() -> None:
        async with running(load=load) as engine:
            await prepare(engine)
            for place, question in enumerate(QUESTIONS):
                await engine.control(ForkKey("base", f"fork {place}", KeyTerms()))
                for _ in range(2):  # the second time, the key has gone on to the prompt itself
                    text, report = await ask(engine, SYSTEM + question, f"fork {place}")
                    assert text == cold[place]
                    assert report.cached >= len(encode(engine, SYSTEM)) * 0.9
            view = await engine.control(ReadKey("base"))
            assert view is not None
            assert view.tokens == encode(engine, SYSTEM)

    asyncio.run(go())


def test_answers_behind_a_prefix_from_the_disk_are_those_of_a_fresh_engine(load: Load, cold: list[str]) -> None:
    disk = Disk()

    async def go() -> None:
        async with running(load=load, open_store=disk.open) as engine:
            await prepare(engine)
            await ask(engine, SYSTEM + QUESTIONS[2], "base")
        async with running(load=load, open_store=disk.open) as engine:
            told = [await ask(engine, SYSTEM + question) for question in QUESTIONS]
            assert [text for text, _ in told] == cold
            assert told[0][1].tier is Tier.DISK
            assert all(report.cached >= len(encode(engine, SYSTEM)) * 0.9 for _, report in told)

    asyncio.run(go())
