"""Requests and wishes that come while the model is away, or on its way back."""

from __future__ import annotations

import asyncio

import pytest

from endpoint.cache.report import Tier
from endpoint.contract import HealthStatus
from endpoint.engine.control import ClearKeys, ForkKey, KeyTerms, ListKeys, ListSaved, ReadKey, SetKey
from endpoint.engine.embedding import EmbeddingRequest
from endpoint.engine.engine import Engine
from endpoint.engine.health import Presence
from endpoint.engine.metrics import Outcome
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Failure, Stream
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
        async with running(load=loads, unload_after_s=IDLE_S, wedged_after_s=3.0) as engine:
            await until_unloaded(engine)
            stream = ask(engine, "hello")
            await until(lambda: engine.health().heartbeat_age_s > 3.5)
            assert engine.health().status is HealthStatus.HEALTHY
            loads.go_on.set()
            assert (await read(stream)).text == "hello"

    asyncio.run(go())


def test_stopping_while_the_model_is_loaded_again_tells_those_who_wait_at_once() -> None:
    loads = Loads()

    async def go() -> None:
        async with running(load=loads, unload_after_s=IDLE_S) as engine:
            stream = await returning(engine, timeout_s=60)
            engine.request_stop()
            end = (await read(stream)).end
            assert isinstance(end, Failure)
            assert "stopping" in str(end.error)
            loads.go_on.set()
        assert all(provider.closed_on for provider in loads.providers)

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


def test_a_key_that_was_made_without_the_model_is_there_after_a_restart() -> None:
    disk = Disk()

    async def go() -> None:
        async with running(load=at_once(), unload_after_s=IDLE_S, open_store=disk.open) as engine:
            await keys.prepare(engine, "base", LONG)
            await until_unloaded(engine)
            await engine.control(ForkKey("base", "fork", KeyTerms()))
        async with running(open_store=disk.open) as engine:
            fork = await engine.control(ReadKey("fork"))
            assert fork is not None
            assert (fork.meta["forked_from"], fork.tier) == ("base", Tier.DISK)

    asyncio.run(go())
