"""The reason for a miss, through a real engine over the fake provider."""

from __future__ import annotations

import asyncio

from endpoint.cache.index import common_length
from endpoint.cache.report import Shortfall, Tier
from endpoint.engine.control import KeyWish
from endpoint.engine.request import GenerationRequest
from endpoint.providers.base import Sampling
from tests.endpoint.engine.rig import read, running
from tests.endpoint.engine.test_keys import ask

RULES = b"You keep the harbour's book. It is %s now. Write down each ship, its port and what it carries. "
MORNING, EVENING = RULES % b"10:41", RULES % b"18:07"


def test_a_prompt_that_goes_on_otherwise_is_told_where_and_from_what() -> None:
    async def go() -> None:
        async with running() as engine:
            await ask(engine, MORNING + b"A ship came in.")
            report = await ask(engine, EVENING + b"A ship came in.")
            assert report.shortfall is Shortfall.DIVERGED
            assert report.shared == common_length(MORNING, EVENING)
            assert report.candidate[: len(MORNING)] == tuple(MORNING)
            assert report.prompt == tuple(EVENING + b"A ship came in.")

    asyncio.run(go())


def test_a_prompt_that_only_goes_on_has_missed_nothing() -> None:
    async def go() -> None:
        async with running() as engine:
            await ask(engine, MORNING)
            report = await ask(engine, MORNING + b"A ship came in.")
            assert (report.tier, report.shortfall, report.detail) == (Tier.RAM, Shortfall.NOTHING, "")

    asyncio.run(go())


def test_the_first_prompt_is_new_and_told_since_when_the_endpoint_runs() -> None:
    async def go() -> None:
        async with running() as engine:
            report = await ask(engine, MORNING)
            assert (report.cached, report.tier, report.shortfall) == (0, Tier.NONE, Shortfall.NEW)
            assert report.detail.startswith("the endpoint was started ")
            assert (await ask(engine, b"\xff" * 40, "agent")).detail == "there is no key 'agent' yet"

    asyncio.run(go())


def test_what_had_to_go_for_others_is_told_as_evicted() -> None:
    async def go() -> None:
        async with running(cache_bytes=len(MORNING) + 40) as engine:
            await ask(engine, MORNING)
            await ask(engine, b"\xff" * len(MORNING))
            report = await ask(engine, MORNING + b"A ship came in.")
            assert (report.cached, report.shortfall) == (0, Shortfall.EVICTED)
            assert report.shared >= len(MORNING) - 1

    asyncio.run(go())


def test_state_that_cannot_be_cut_is_told_as_the_reason() -> None:
    async def go() -> None:
        async with running("echo,hybrid=1") as engine:
            await ask(engine, MORNING + b"A ship came in.")
            report = await ask(engine, MORNING + b"No ship today.")
            assert (report.cached, report.shortfall) == (0, Shortfall.UNCUTTABLE)
            assert report.shared == len(MORNING)

    asyncio.run(go())


def test_a_prompt_that_is_scored_reuses_nothing_and_says_so() -> None:
    async def go() -> None:
        async with running() as engine:
            await ask(engine, MORNING)
            request = GenerationRequest(tuple(MORNING), 1, Sampling(), logprobs=0, scores_prompt=True)
            stream = engine.submit(request)
            report = await stream.report(20)
            await read(stream)
            assert report is not None
            assert (report.cached, report.shortfall) == (0, Shortfall.NOT_WANTED)

    asyncio.run(go())


def test_what_a_running_request_computes_is_shared_with_the_next() -> None:
    async def go() -> None:
        async with running("echo,step_ms=2") as engine:
            first = engine.submit(GenerationRequest(tuple(MORNING + b"A ship came in."), 200, Sampling()))
            assert await first.next(20) is not None
            wish = KeyWish("other")
            second = engine.submit(GenerationRequest(tuple(MORNING + b"None today."), 4, Sampling(), key=wish))
            report = await second.report(20)
            first.close()
            await read(second)
            assert report is not None
            assert (report.tier, report.cached, report.key) == (Tier.RESIDENT, len(MORNING), "other")

    asyncio.run(go())
