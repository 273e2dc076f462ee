"""An idle engine lets its model go, and loads it again when somebody needs it."""

from __future__ import annotations

import asyncio

from endpoint.cache.report import Shortfall, Tier
from endpoint.contract import HealthStatus
from endpoint.engine.control import ListKeys, ReadKey
from endpoint.engine.health import Presence
from endpoint.engine.stream import Finish, FinishReason
from tests.endpoint.engine import test_keys as keys
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.rig import ask, read, running
from tests.endpoint.engine.unloading import IDLE_S, at_once, until_unloaded

LONG = keys.BASE * 8


def test_an_idle_engine_lets_its_model_go_and_answers_alike_once_it_is_back() -> None:
    loads = at_once()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            first = await read(ask(engine, "hello"))
            await until_unloaded(engine)
            metrics = engine.metrics()
            assert (metrics.provider.cells_total, metrics.ledger.weights, metrics.ledger.kv) == (0, 0, 0)
            assert engine.health().status is HealthStatus.HEALTHY
            assert await read(ask(engine, "hello")) == first
        assert loads.count == 2

    asyncio.run(go())


def test_every_provider_is_loaded_and_closed_on_the_one_engine_thread() -> None:
    loads = at_once()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            for _ in range(3):
                await until_unloaded(engine)
                await read(ask(engine, "hello"))

    asyncio.run(go())
    assert len(loads.providers) == loads.count >= 4
    assert {*loads.threads, *(each.closed_on for each in loads.providers)} == {loads.threads[0]}


def test_what_others_know_of_the_model_stays_the_very_same() -> None:
    async def go() -> None:
        async with running(load=at_once(), unload_after_s=IDLE_S) as engine:
            before = engine.model()
            await until_unloaded(engine)
            assert engine.model() is before
            await read(ask(engine, "hello"))
            assert engine.model() is before

    asyncio.run(go())


def test_an_engine_without_its_model_stops_in_order() -> None:
    async def go() -> None:
        async with running(load=at_once(), unload_after_s=IDLE_S, open_store=Disk().open) as engine:
            await until_unloaded(engine)

    asyncio.run(go())


def test_a_request_that_runs_keeps_the_model() -> None:
    async def go() -> None:
        async with running("echo,step_ms=20", unload_after_s=IDLE_S) as engine:
            answer = await read(ask(engine, "x" * 30))
            assert isinstance(answer.end, Finish)
            assert answer.end.reason is FinishReason.STOP
            assert engine.metrics().steps.total_s > 5 * IDLE_S
            assert answer.text == "x" * 30

    asyncio.run(go())


def test_asking_how_it_stands_does_not_keep_the_model() -> None:
    async def go() -> None:
        async with running(load=at_once(), unload_after_s=6 * IDLE_S) as engine, asyncio.timeout(20):
            while engine.health().presence is Presence.LOADED:
                await engine.control(ListKeys())
                engine.metrics()
                await asyncio.sleep(2 * IDLE_S)  # like somebody who shows it to a person

    asyncio.run(go())


@keys.KINDS
def test_the_first_prompt_after_the_return_finds_what_was_saved(model: str) -> None:
    disk = Disk()

    async def go() -> None:
        async with running(model, unload_after_s=IDLE_S, open_store=disk.open) as engine:
            assert (await keys.ask(engine, LONG + b"one")).shortfall is Shortfall.NEW
            await until_unloaded(engine)
            assert disk.states, "it was saved before it went"
            report = await keys.ask(engine, LONG + b"one")
            assert (report.tier, report.shortfall) == (Tier.DISK, Shortfall.NOTHING)
            assert report.cached >= len(LONG)

    asyncio.run(go())


def test_without_a_disk_a_key_still_knows_what_it_stands_for_and_the_loss_is_told() -> None:
    async def go() -> None:
        async with running(unload_after_s=1.0) as engine:  # so that it stays between the last two
            before = await keys.prepare(engine, "base")
            await until_unloaded(engine)
            report = await keys.ask(engine, keys.BASE + b"Which ship is here?", "base")
            assert (report.cached, report.shortfall) == (0, Shortfall.UNLOADED)
            key = await engine.control(ReadKey("base"))
            assert key is not None
            assert key.content == before.content
            assert key.tokens[: len(before.tokens)] == before.tokens
            again = await keys.ask(engine, keys.BASE + b"Which ship is there?", "base")
            assert (again.tier, again.key) == (Tier.RAM, "base")

    asyncio.run(go())


def test_no_count_goes_down_when_the_model_goes() -> None:
    async def go() -> None:
        async with running(unload_after_s=IDLE_S) as engine:
            await keys.ask(engine, LONG)
            before = engine.metrics().provider
            await until_unloaded(engine)
            between = engine.metrics().provider
            assert (between.prefilled_tokens, between.cache_lookups) == (before.prefilled_tokens, before.cache_lookups)
            await keys.ask(engine, LONG)
            after = engine.metrics().provider
            assert after.prefilled_tokens == 2 * before.prefilled_tokens
            assert after.cache_lookups == 2 * before.cache_lookups

    asyncio.run(go())
