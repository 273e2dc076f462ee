from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from endpoint.contract import HealthStatus
from endpoint.engine.engine import Engine
from endpoint.engine.metrics import Outcome
from endpoint.engine.sharing import WORTH_WAITING
from endpoint.engine.stream import Delta, Failure, Finish, FinishReason, Usage
from endpoint.errors import LoadError, NotReady, Overloaded, Unavailable
from endpoint.providers import fake
from endpoint.providers.base import Event, Prefix, Reuse
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.engine.rig import Answer, ask, read, running


def test_an_answer_comes_whole_and_counts_its_tokens() -> None:
    async def scenario() -> Answer:
        async with running() as engine:
            return await read(ask(engine, "grüße"))

    answer = asyncio.run(scenario())
    assert answer == Answer("grüße", Finish(FinishReason.STOP, Usage(prompt_tokens=7, completion_tokens=8)))


def test_a_limit_ends_an_answer_with_length() -> None:
    async def scenario() -> Answer:
        async with running() as engine:
            return await read(ask(engine, "abcdef", max_tokens=3))

    answer = asyncio.run(scenario())
    assert answer == Answer("abc", Finish(FinishReason.LENGTH, Usage(6, 3)))


def test_a_stop_string_is_cut_off_and_frees_the_row() -> None:
    async def scenario() -> tuple[Answer, int]:
        async with running(parallel=1) as engine:
            answer = await read(ask(engine, "one two three", stop=("two",)))
            after = await read(ask(engine, "next"))
            return answer, len(after.text)

    answer, after = asyncio.run(scenario())
    assert answer.text == "one "
    assert answer.end == Finish(FinishReason.STOP, Usage(13, 7), stop="two")
    assert after == 4


def test_rows_progress_together_and_the_rest_waits_its_turn() -> None:
    async def scenario() -> list[str]:
        order: list[str] = []

        async def follow(engine: Engine, name: str) -> None:
            stream = ask(engine, name * 50)
            while isinstance(await stream.next(10), Delta):
                order.append(name)

        async with running("echo,step_ms=1", parallel=2) as engine:
            await asyncio.gather(*(follow(engine, name) for name in "abc"))
        return order

    order = asyncio.run(scenario())
    first_half = order[:60]
    assert {"a", "b"} <= set(first_half)
    assert order.index("c") > max(order.index("a"), order.index("b"))
    assert order.count("c") == 50


def test_closing_a_stream_frees_its_row_for_the_next() -> None:
    async def scenario() -> Answer:
        async with running("echo,step_ms=1", parallel=1) as engine:
            endless = ask(engine, "x" * 4000)
            assert isinstance(await endless.next(10), Delta)
            endless.close()
            return await asyncio.wait_for(read(ask(engine, "free")), 5)

    assert asyncio.run(scenario()).text == "free"


def test_a_request_closed_while_it_waits_never_starts() -> None:
    async def scenario() -> str:
        async with running("echo,step_ms=1", parallel=1) as engine:
            running_one = ask(engine, "a" * 200)
            waiting = ask(engine, "b" * 200)
            waiting.close()
            last = ask(engine, "c")
            await read(running_one)
            return (await read(last)).text

    assert asyncio.run(scenario()) == "c"


def test_clients_with_one_long_prompt_compute_it_once() -> None:
    prompt = "a long system prompt, the same for all. " * 20

    async def scenario() -> list[Answer]:
        async with running("echo,step_ms=1") as engine:
            return list(await asyncio.gather(*(read(ask(engine, prompt + name, max_tokens=3)) for name in "abcd")))

    cached = [answer.end.usage.cached_tokens for answer in asyncio.run(scenario()) if isinstance(answer.end, Finish)]
    assert cached[0] == 0
    assert all(count >= len(prompt) - WORTH_WAITING for count in cached[1:])


def test_the_next_turn_of_a_conversation_finds_the_last_one() -> None:
    first = "user: count the ships in the harbour, one after the other. assistant: "

    async def scenario() -> list[Answer]:
        async with running() as engine:
            return [
                await read(ask(engine, first)),
                await read(ask(engine, first + "three. user: and now? ")),
            ]

    _, second = asyncio.run(scenario())
    assert isinstance(second.end, Finish)
    assert second.end.usage.cached_tokens == len(first)


def test_a_prompt_sent_again_replays_one_token() -> None:
    prompt = "the very same prompt, sent twice, word for word"

    async def scenario() -> list[Answer]:
        async with running() as engine:
            return [await read(ask(engine, prompt)), await read(ask(engine, prompt))]

    first, second = asyncio.run(scenario())
    assert first.text == second.text
    assert isinstance(second.end, Finish)
    assert second.end.usage.cached_tokens == len(prompt) - 1


class _CountingProvider(fake.FakeProvider):
    """Counts what it holds."""

    kept = 0

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        self.kept += 1
        return super().keep(job_id, base)


def test_a_prompt_that_is_held_is_not_held_again() -> None:
    provider = _CountingProvider(fake.load("echo", LoadOptions(), lambda _share: None).info, 4, 0)

    async def scenario() -> None:
        async with running(load=lambda _progress: provider) as engine:
            for _ in range(3):
                await read(ask(engine, "the very same prompt, sent three times, word for word"))

    asyncio.run(scenario())
    assert provider.kept == 1


def test_a_waiter_starts_by_itself_when_the_job_it_waits_for_is_cancelled() -> None:
    prompt = "x" * 3000

    async def scenario() -> Answer:
        async with running("echo,step_ms=1") as engine:
            first = ask(engine, prompt + "a")
            second = ask(engine, prompt + "b", max_tokens=2)
            assert await second.next(0.01) is None
            first.close()
            return await asyncio.wait_for(read(second), 5)

    assert asyncio.run(scenario()).text == "xx"


def test_a_full_queue_refuses() -> None:
    async def scenario() -> None:
        async with running("echo,step_ms=2", parallel=1, max_queue=2) as engine:
            streams = [ask(engine, "a" * 500)]
            assert isinstance(await streams[0].next(10), Delta)
            with pytest.raises(Overloaded, match="waiting"):
                streams.extend(ask(engine, "b" * 500) for _ in range(3))
            assert (Outcome.REFUSED, 1) in engine.metrics().outcomes
            for stream in streams:
                stream.close()

    asyncio.run(scenario())


def test_while_loading_requests_are_refused_and_progress_is_told() -> None:
    reached, go_on = threading.Event(), threading.Event()

    def load(progress: Progress) -> fake.FakeProvider:
        progress(0.4)
        reached.set()
        assert go_on.wait(10)
        return fake.load("echo", LoadOptions(), progress)

    engine = Engine(load)
    engine.start()
    assert reached.wait(10)
    health = engine.health()
    assert (health.status, health.progress) == (HealthStatus.LOADING, 0.4)
    with pytest.raises(NotReady, match="40%"):
        engine.model()
    go_on.set()
    assert engine.stop(10)


def test_a_failed_load_is_told_with_its_reason() -> None:
    async def scenario() -> None:
        async with running("echo,fail=1") as engine:
            assert engine.health().status is HealthStatus.FAILED
            assert isinstance(engine.failure, LoadError)
            with pytest.raises(Unavailable, match="told to fail"):
                ask(engine, "hello")

    asyncio.run(scenario())


def test_an_unexpected_exception_while_loading_is_a_failed_load_too() -> None:
    def load(progress: Progress) -> fake.FakeProvider:
        raise RuntimeError("the library fell over")

    async def scenario() -> str | None:
        async with running(load=load) as engine:
            return engine.health().error

    assert asyncio.run(scenario()) == "Loading failed: the library fell over"


def wait_for(engine: Engine, status: HealthStatus) -> None:
    while engine.health().status is not status:
        time.sleep(0.005)


def test_an_engine_thread_that_hangs_is_wedged_and_recovers_when_it_goes_on() -> None:
    async def scenario() -> list[HealthStatus]:
        seen = []
        async with running(wedged_after_s=0.05) as engine:
            engine.occupy(0.5)
            await asyncio.to_thread(wait_for, engine, HealthStatus.WEDGED)
            seen.append(engine.health().status)
            with pytest.raises(Unavailable, match="no step"):
                engine.model()
            await asyncio.to_thread(wait_for, engine, HealthStatus.HEALTHY)
            seen.append(engine.health().status)
        return seen

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == [HealthStatus.WEDGED, HealthStatus.HEALTHY]


class _FallingProvider(fake.FakeProvider):
    """Works until its third step."""

    steps = 0

    def step(self) -> Sequence[Event]:
        self.steps += bool(self._rows)
        if self.steps > 3:
            raise RuntimeError("out of memory")
        return super().step()


def test_a_provider_that_raises_fails_the_engine_and_tells_every_reader() -> None:
    def load(progress: Progress) -> fake.FakeProvider:
        whole = fake.load("echo", LoadOptions(), progress)
        return _FallingProvider(whole.info, 1, 0.001)

    async def scenario() -> list[Answer]:
        async with running(load=load) as engine:
            answers = await asyncio.gather(*(read(ask(engine, "abcdefgh")) for _ in range(3)))
            assert engine.health().status is HealthStatus.FAILED
            return list(answers)

    for answer in asyncio.run(scenario()):
        assert isinstance(answer.end, Failure)
        assert "out of memory" in str(answer.end.error)


def test_stopping_tells_running_and_waiting_readers() -> None:
    async def scenario() -> list[Answer]:
        async with running("echo,step_ms=2", parallel=1) as engine:
            streams = [ask(engine, "a" * 2000), ask(engine, "b")]
            assert isinstance(await streams[0].next(10), Delta)
            engine.request_stop()
            return [await read(stream) for stream in streams]

    for answer in asyncio.run(scenario()):
        assert isinstance(answer.end, Failure)
        assert "stopping" in str(answer.end.error)
