"""Many requests over far too few cells, with cancels, hang-ups and deadlines, on the real model and partly over real
sockets: every one that its client waits for comes whole, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn

from endpoint.app import create_app
from endpoint.engine.engine import Engine
from endpoint.engine.idling import GRACE_S
from endpoint.engine.metrics import Outcome
from endpoint.providers.base import Provider
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions, Progress
from endpoint.settings import Settings
from tests.endpoint.engine.clients import Left, Plan, Whole, run_inside, run_outside
from tests.endpoint.engine.rig import running
from tests.endpoint.serving import DEADLINE_S, QuickServer, wait_until

AT_ONCE, N_CTX, PARALLEL = 16, 512, 6
CACHE_BYTES = 6 << 20
"""Two or three prompts' worth."""


@contextlib.asynccontextmanager
async def served(engine: Engine) -> AsyncIterator[int]:
    """The port of a server on this very loop, so that its tasks can be counted."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = QuickServer(uvicorn.Config(create_app(engine, Settings()), log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def run_all(engine: Engine, port: int, plans: list[Plan]) -> list[Whole | Left]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(number: int, plan: Plan) -> Whole | Left:
        async with slots:
            return await (run_outside(port, plan) if number % 3 == 0 else run_inside(engine, plan))

    return list(await asyncio.gather(*(run(number, plan) for number, plan in enumerate(plans))))


def wait_until_quiet(engine: Engine) -> None:
    """No request, and no answer is prefilled any more: nothing for longer than the engine waits before it does that."""
    last_busy = time.monotonic()

    def is_quiet() -> bool:
        nonlocal last_busy
        metrics = engine.metrics()
        if metrics.health.active or metrics.health.queued or metrics.provider.cells_used:
            last_busy = time.monotonic()
        return time.monotonic() - last_busy > 10 * GRACE_S

    wait_until(is_quiet, "the engine is quiet")


async def settle(engine: Engine, tasks: set[asyncio.Task[object]]) -> None:
    """Until the last hang-ups have come through; no task is left that wasn't there before."""
    await asyncio.to_thread(wait_until_quiet, engine)
    if more := asyncio.all_tasks() - tasks:
        await asyncio.wait(more, timeout=DEADLINE_S)
    assert not asyncio.all_tasks() - tasks


def check_answer(engine: Engine, plan: Plan, end: Whole | Left) -> None:
    match end:
        case Left.HUNG_UP:
            assert plan.hangs_up_after is not None
        case Left.OUT_OF_TIME:
            assert plan.timeout_s is not None
        case Whole():
            assert end.prompt_tokens == len(engine.model().tokenizer.encode(plan.prompt, add_bos=True))
            assert end.completion_tokens <= plan.max_tokens
            assert end.reason == "stop" or (end.reason, end.completion_tokens) == ("length", plan.max_tokens)
            assert end.text or (end.reason, end.completion_tokens) == ("stop", 1)


def check_nothing_is_left(provider: LlamaCppProvider) -> None:
    stats = provider.stats()
    assert (stats.cells_used, stats.parked_rows, stats.parked_bytes) == (0, 0, 0)
    assert provider.capacity().rows == PARALLEL
    assert provider.capacity().cells == N_CTX
    assert not provider._rows
    assert len(provider._drawer) == 0
    assert sorted(provider._free_ids) == list(range(PARALLEL))
    assert 0 < provider.held_bytes() <= CACHE_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("requests", [24, pytest.param(200, marks=pytest.mark.slow_suite)])
def test_every_request_that_is_waited_for_completes_and_nothing_is_left_behind(requests: int) -> None:
    providers: list[LlamaCppProvider] = []
    plans = [Plan.draw(number) for number in range(requests)]

    def load_small(progress: Progress) -> Provider:
        providers.append(load("starter", LoadOptions(n_ctx=N_CTX, parallel=PARALLEL, threads=1), progress))
        return providers[0]

    async def scenario() -> None:
        async with running(load=load_small, cache_bytes=CACHE_BYTES) as engine, served(engine) as port:
            tasks = asyncio.all_tasks()
            ends = await run_all(engine, port, plans)
            await settle(engine, tasks)
            for plan, end in zip(plans, ends, strict=True):
                check_answer(engine, plan, end)
            whole = sum(isinstance(end, Whole) for end in ends)
            assert whole >= sum(plan.hangs_up_after is None and plan.timeout_s is None for plan in plans)
            outcomes = dict(engine.metrics().outcomes)
            assert sum(outcomes.values()) == requests
            assert outcomes[Outcome.STOP] + outcomes[Outcome.LENGTH] >= whole
            assert outcomes[Outcome.FAILED] == outcomes[Outcome.REFUSED] == 0
            # How often cells run out is up to the machine's speed; test_llamacpp.py makes sure that they do.
            assert engine.metrics().provider.cache_hits > requests / 10
            check_nothing_is_left(providers[0])

    asyncio.run(scenario())
