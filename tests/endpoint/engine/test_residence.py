"""An idle engine lets its model go, and loads it again when somebody needs it."""

from __future__ import annotations

import asyncio

import pytest

from endpoint.cache.report import Shortfall, Tier
from endpoint.contract import HealthStatus
from endpoint.engine.control import ClearKeys, KeyTerms, ListKeys, ListSaved, ReadKey, SetKey
from endpoint.engine.embedding import EmbeddingRequest
from endpoint.engine.engine import Engine
from endpoint.engine.health import Presence
from endpoint.engine.metrics import Outcome
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Failure, Finish, FinishReason, Stream
from endpoint.errors import DeadlineExceeded, LoadError, Unavailable
from endpoint.providers.base import Sampling
from endpoint.providers.embedding import Pooling
from tests.endpoint.engine import test_keys as keys
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.rig import ask, read, running
from tests.endpoint.engine.unloading import IDLE_S, Loads, at_once, until, until_unloaded

LONG = keys.BASE * 8


def outcomes(engine: Engine, wanted: Outcome) -> int:
    return dict(engine.metrics().outcomes)[wanted]


async def returning(engine: Engine, text: str = "hello", timeout_s: float | None = None) -> Stream:
    """A request that waits for a model that is being loaded again."""
    await until_unloaded(engine)
    stream = engine.submit(GenerationRequest(tuple(text.encode()), 100, Sampling(), timeout_s=timeout_s))
    await until(lambda: engine.health().presence is Presence.RETURNING and engine.health().queued == 1)
    return stream


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
            assert engine.metrics().provider.cells_total > 0
        assert loads.count >= 2

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


def test_requests_that_come_together_cause_one_load_and_are_all_answered() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            await until_unloaded(engine)
            streams = [ask(engine, f"hello {number}") for number in range(20)]
            vectors = engine.embed(EmbeddingRequest(((1, 2, 3),), Pooling.MEAN))
            await until(lambda: engine.health().progress == 0.4 and engine.health().queued == 21)
            assert engine.health().presence is Presence.RETURNING
            assert engine.health().status is HealthStatus.HEALTHY
            loads.go_on.set()
            answers = [await read(stream) for stream in streams]
            assert [answer.text for answer in answers] == [f"hello {number}" for number in range(20)]
            assert len(await vectors.wait()) == 1
            assert loads.count == 2

    asyncio.run(go())


def test_a_request_whose_reader_goes_while_the_model_is_loaded_is_over_at_once() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            stream = await returning(engine)
            stream.close()
            await until(lambda: outcomes(engine, Outcome.CANCELLED) == 1)
            assert engine.health().queued == 0
            vectors = engine.embed(EmbeddingRequest(((1, 2, 3),), Pooling.MEAN))
            vectors.close()
            await until(lambda: outcomes(engine, Outcome.CANCELLED) == 2)
            loads.go_on.set()
            assert (await read(ask(engine, "hello"))).text == "hello"

    asyncio.run(go())


def test_a_deadline_counts_while_the_model_is_loaded() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            late = await returning(engine, timeout_s=0.2)
            end = (await read(late)).end
            assert isinstance(end, Failure)
            assert isinstance(end.error, DeadlineExceeded)
            assert "while the model was being loaded again" in str(end.error)
            with pytest.raises(DeadlineExceeded):
                await engine.embed(EmbeddingRequest(((1,),), Pooling.MEAN, timeout_s=0.01)).wait()
            assert outcomes(engine, Outcome.DEADLINE) == 2
            loads.go_on.set()

    asyncio.run(go())


def test_a_load_that_fails_the_second_time_fails_the_engine_and_tells_those_who_wait() -> None:
    loads = Loads(LoadError("The file is gone."))

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            stream = await returning(engine)
            vectors = engine.embed(EmbeddingRequest(((1,),), Pooling.MEAN))
            loads.go_on.set()
            end = (await read(stream)).end
            assert isinstance(end, Failure)
            assert (type(end.error), str(end.error)) == (Unavailable, "The file is gone.")
            with pytest.raises(Unavailable, match="The file is gone"):
                await vectors.wait()
            assert engine.health().status is HealthStatus.FAILED
            assert isinstance(engine.failure, LoadError)
            with pytest.raises(Unavailable, match="The file is gone"):
                ask(engine, "hello")

    asyncio.run(go())


def test_a_load_that_shows_no_progress_for_long_is_not_taken_for_a_hang() -> None:
    loads = Loads(silent=True)

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S, wedged_after_s=0.2) as engine:
            await until_unloaded(engine)
            stream = ask(engine, "hello")
            await until(lambda: engine.health().heartbeat_age_s > 0.4)
            assert engine.health().status is HealthStatus.HEALTHY
            loads.go_on.set()
            assert (await read(stream)).text == "hello"

    asyncio.run(go())


def test_an_engine_without_its_model_stops_in_order() -> None:
    async def go() -> None:
        async with running(load=at_once(), unload_after_s=IDLE_S, open_store=Disk().open) as engine:
            await until_unloaded(engine)

    asyncio.run(go())


def test_stopping_while_the_model_is_loaded_again_tells_those_who_wait_at_once() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            stream = await returning(engine)
            engine.request_stop()
            end = (await read(stream)).end
            assert isinstance(end, Failure)
            assert "stopping" in str(end.error)
            loads.go_on.set()
        assert all(provider.closed_on for provider in loads.providers)

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


def test_the_control_plane_works_without_the_model_and_does_not_call_it_back() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S, open_store=Disk().open) as engine:
            before = await keys.prepare(engine, "base", LONG, ttl_s=600)
            await until_unloaded(engine)
            key = await engine.control(ReadKey("base"))
            assert key is not None
            assert (key.content, key.meta, key.tier) == (before.content, before.meta, Tier.DISK)
            await engine.control(SetKey("other", KeyTerms()))
            view = await engine.control(ListKeys())
            assert (len(view.keys), view.ram_bytes, view.disk_entries) == (2, 0, 1)
            assert await engine.control(ListSaved()) == ()
            assert await engine.control(ClearKeys()) == 2
            assert engine.health().presence is Presence.UNLOADED
        assert loads.count == 1

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
        async with running(unload_after_s=IDLE_S) as engine:
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
