"""Reuse of state that can't be cut, over the fake provider: which checkpoints are made, awaited, kept and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from endpoint.engine.checkpointing import choose_checkpoints
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Delta, Finish, Stream
from endpoint.providers import fake
from endpoint.providers.base import Event, Job, MemoryKind, Sampling
from endpoint.providers.fake_prefixes import CHECKPOINT_BYTES
from endpoint.providers.options import LoadOptions
from tests.endpoint.engine.rig import read, running

SYSTEM = "system: you count the ships in the harbour, and you never lie about them. " * 4
HYBRID = "echo,hybrid=1"


def ask(engine: Engine, text: str, *checkpoints: int, max_tokens: int = 3) -> Stream:
    return engine.submit(GenerationRequest(tuple(text.encode()), max_tokens, Sampling(), checkpoints=checkpoints))


async def cached(stream: Stream) -> int:
    end = (await read(stream)).end
    assert isinstance(end, Finish)
    return end.usage.cached_tokens


def in_turn(*prompts: str, checkpoints: tuple[int, ...] = (), cache_bytes: int = 1 << 30) -> list[int]:
    async def scenario() -> list[int]:
        async with running(HYBRID, cache_bytes=cache_bytes) as engine:
            return [await cached(ask(engine, prompt, *checkpoints)) for prompt in prompts]

    return asyncio.run(scenario())


def test_a_job_asks_for_its_boundaries_its_end_and_where_it_leaves_what_is_known() -> None:
    job = Job(1, tuple(range(200)), 10, Sampling(), checkpoints=(40, 120, 500))
    assert choose_checkpoints(job, known=80) == (40, 80, 120, 199)
    assert choose_checkpoints(job, known=5) == (40, 120, 199)


def test_a_prompt_sent_again_is_taken_up_before_its_last_token() -> None:
    assert in_turn(SYSTEM, SYSTEM) == [0, len(SYSTEM) - 1]


def test_the_next_turn_takes_up_the_last_prompt_even_if_the_answer_was_rewritten() -> None:
    assert in_turn(SYSTEM, SYSTEM + "an answer that the client has changed. user: and now?") == [0, len(SYSTEM) - 1]


def test_another_question_takes_up_what_its_request_said_would_be_shared() -> None:
    assert in_turn(SYSTEM + "how many?", SYSTEM + "which ones?", checkpoints=(len(SYSTEM),)) == [0, len(SYSTEM)]


def test_without_a_boundary_the_third_prompt_with_a_beginning_finds_it() -> None:
    prompts = [SYSTEM + text for text in ("how many?", "which ones?", "and where?")]
    assert in_turn(*prompts) == [0, 0, len(SYSTEM)]


def test_with_no_budget_nothing_is_held() -> None:
    assert in_turn(SYSTEM, SYSTEM, checkpoints=(50,), cache_bytes=0) == [0, 0]


def test_clients_with_one_long_prompt_compute_it_once() -> None:
    async def scenario() -> list[int]:
        async with running(HYBRID + ",step_ms=1") as engine:
            streams = [ask(engine, SYSTEM + name, len(SYSTEM)) for name in ("one?", "two?", "six?", "ten?")]
            return list(await asyncio.gather(*map(cached, streams)))

    assert asyncio.run(scenario()) == [0] + [len(SYSTEM)] * 3


def test_a_client_that_hangs_up_in_prefill_leaves_what_it_had_reached() -> None:
    async def scenario() -> int:
        async with running(HYBRID + ",step_ms=5") as engine:
            first = ask(engine, SYSTEM * 12, len(SYSTEM))
            second = ask(engine, SYSTEM + "how many?", len(SYSTEM))
            assert isinstance(await second.next(10), Delta), "the first one has passed the checkpoint"
            first.close()
            await read(second)
            return await cached(ask(engine, SYSTEM * 2))

    assert asyncio.run(scenario()) == len(SYSTEM)


class _Watched(fake.FakeProvider):
    """Notes what is held after each step."""

    def __init__(self) -> None:
        info = fake.load("echo", LoadOptions(), lambda _share: None).info
        super().__init__(info, 4, 0, MemoryKind.HYBRID)
        self.held: list[int] = []

    def step(self) -> Sequence[Event]:
        self.held.append(self.held_bytes())
        return super().step()


@pytest.mark.parametrize("budget", [20, 400, 1000])
def test_the_budget_holds_whatever_is_asked(budget: int) -> None:
    provider = _Watched()

    async def scenario() -> None:
        async with running(load=lambda _progress: provider, cache_bytes=budget) as engine:
            for number in range(6):
                texts = [f"{number} {name} " + SYSTEM for name in "abc"]
                await asyncio.gather(*(read(ask(engine, text, 40, 80, 120)) for text in texts))

    asyncio.run(scenario())
    assert max(provider.held) <= budget
    assert provider.held_bytes() <= budget


def test_the_least_recently_used_goes_first_with_its_checkpoints() -> None:
    one, two, three = ("first " + SYSTEM, "other " + SYSTEM, "third " + SYSTEM)
    budget = int(2.5 * (len(one) + CHECKPOINT_BYTES * 2))
    assert in_turn(one, two, one, three, one, two, cache_bytes=budget) == [0, 0, len(one) - 1, 0, len(one) - 1, 0]
