"""What survives an engine, through a store that is as fast as memory."""

from __future__ import annotations

import asyncio

import pytest

from endpoint.cache.report import Shortfall, Tier
from endpoint.engine.control import ListKeys, ReadKey
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.rig import running
from tests.endpoint.engine.test_keys import BASE, KINDS, ask, prepare

LONG = BASE * 8


@KINDS
def test_what_was_hot_at_the_end_is_there_at_the_next_start(model: str) -> None:
    disk = Disk()

    async def go() -> None:
        async with running(model, open_store=disk.open) as engine:
            assert (await ask(engine, LONG + b"one")).shortfall is Shortfall.NEW
        async with running(model, open_store=disk.open) as engine:
            report = await ask(engine, LONG + b"one")
            assert (report.tier, report.shortfall) == (Tier.DISK, Shortfall.NOTHING)
            assert report.cached >= len(LONG)
            assert (await ask(engine, LONG + b"one")).tier is Tier.RAM

    asyncio.run(go())


async def until_saved(disk: Disk) -> None:
    for _ in range(2_000):
        if disk.states:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nothing was saved")


def test_a_long_prompt_used_twice_is_saved_while_the_engine_is_idle() -> None:
    disk = Disk()

    async def go() -> None:
        async with running(open_store=disk.open) as engine:
            await ask(engine, LONG + b"one")
            await ask(engine, LONG + b"two")
            await until_saved(disk)
            assert any(state.tokens[: len(LONG)] == tuple(LONG) for state in disk.states.values())

    asyncio.run(go())


def test_a_prepared_key_is_saved_at_once_and_stands_again_after_a_restart() -> None:
    disk = Disk()

    async def go() -> None:
        async with running(open_store=disk.open) as engine:
            before = await prepare(engine, "base", LONG, ttl_s=600)
            await until_saved(disk)
        async with running(open_store=disk.open) as engine:
            after = await engine.control(ReadKey("base"))
            assert after is not None
            assert (after.tier, after.content, after.ttl_s) == (Tier.DISK, before.content, 600)
            assert after.tokens == before.tokens[: len(after.tokens)]
            assert len(after.tokens) >= len(before.tokens) - 1
            report = await ask(engine, LONG + b"one", "base")
            assert (report.tier, report.key) == (Tier.DISK, "base")

    asyncio.run(go())


def test_a_torn_file_is_computed_again_and_told() -> None:
    disk = Disk()

    async def go() -> None:
        async with running(open_store=disk.open) as engine:
            await ask(engine, LONG + b"one")
        disk.torn = set(disk.states)
        async with running(open_store=disk.open) as engine:
            report = await ask(engine, LONG + b"one")
            assert (report.cached, report.shortfall, report.detail) == (0, Shortfall.UNREADABLE, "it is torn")

    asyncio.run(go())


def test_what_another_model_saved_is_named_as_the_reason() -> None:
    async def go() -> None:
        async with running(open_store=Disk(strangers=("the chat template",)).open) as engine:
            report = await ask(engine, LONG)
            assert (report.shortfall, report.cached) == (Shortfall.OTHER_MODEL, 0)
            assert "the chat template" in report.detail

    asyncio.run(go())


def test_a_saved_prefix_that_does_not_fit_the_ram_is_not_waited_for_again() -> None:
    disk = Disk()

    async def go() -> None:
        async with running(open_store=disk.open) as engine:
            await ask(engine, LONG + b"one")
        async with running(open_store=disk.open, cache_bytes=100) as engine:
            report = await ask(engine, LONG + b"one")
            assert report.cached == 0
            assert (await engine.control(ListKeys())).ram_bytes <= 100

    asyncio.run(go())


@pytest.mark.parametrize("cache_bytes", [0, 100, 400, 1_000])
def test_the_byte_budget_holds_whatever_is_asked(cache_bytes: int) -> None:
    async def go() -> None:
        async with running(cache_bytes=cache_bytes) as engine:
            for number in range(6):
                await ask(engine, f"{number} ".encode() + BASE * 3, f"key {number % 3}")
                assert (await engine.control(ListKeys())).ram_bytes <= cache_bytes

    asyncio.run(go())
