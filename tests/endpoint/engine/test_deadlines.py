from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from endpoint.engine.deadlines import Deadlines
from endpoint.engine.engine import Engine
from endpoint.engine.metrics import Outcome
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Delta, Failure, Stream
from endpoint.errors import DeadlineExceeded
from endpoint.providers.base import Sampling
from tests.endpoint.engine.rig import Answer, ask, read, running

SOON_S = 0.4


def ask_within(engine: Engine, text: str, timeout_s: float) -> Stream:
    return engine.submit(GenerationRequest(tuple(text.encode()), 4000, Sampling(), timeout_s=timeout_s))


def what_failed(answer: Answer) -> str:
    assert isinstance(answer.end, Failure)
    assert isinstance(answer.end.error, DeadlineExceeded)
    return str(answer.end.error)


def outcome(engine: Engine, wanted: Outcome) -> int:
    return dict(engine.metrics().outcomes)[wanted]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  it is the engine's thread that makes it true
            await asyncio.sleep(0.001)


def test_nobody_is_late_before_its_time() -> None:
    deadlines = Deadlines()
    deadlines.add(1, 10.0)
    deadlines.add(2, 5.0)
    assert not deadlines.take_due(4.9)
    assert deadlines.take_due(5.0) == [2]
    assert deadlines.take_due(99.0) == [1]
    assert not deadlines.take_due(99.0)


def test_one_who_has_ended_is_not_late() -> None:
    deadlines = Deadlines()
    deadlines.add(1, 1.0)
    deadlines.forget(1)
    deadlines.forget(7)
    assert not deadlines.take_due(2.0)


@given(st.dictionaries(st.integers(0, 50), st.floats(0, 10)), st.sets(st.integers(0, 50)), st.lists(st.floats(0, 12)))
def test_each_is_told_once_and_at_the_first_time_asked_after_it(
    times: dict[int, float], ended: set[int], clock: list[float]
) -> None:
    deadlines = Deadlines()
    for job_id, at in times.items():
        deadlines.add(job_id, at)
    for job_id in ended:
        deadlines.forget(job_id)
    told: set[int] = set()
    for now in sorted(clock):
        due = set(deadlines.take_due(now))
        assert not due & told
        told |= due
        assert told == {job_id for job_id, at in times.items() if at <= now and job_id not in ended}


def test_a_generation_out_of_time_says_how_many_tokens_it_had_and_frees_its_row() -> None:
    async def scenario() -> None:
        async with running("echo,step_ms=5", parallel=1) as engine:
            late = ask_within(engine, "x" * 3000, 0.8)
            assert isinstance(await late.next(10), Delta)
            message = what_failed(await read(late))
            assert "time of 0.8 s was up when" in message
            assert "tokens were generated" in message
            assert (await asyncio.wait_for(read(ask(engine, "free")), 5)).text == "free"
            assert outcome(engine, Outcome.DEADLINE) == 1
            assert outcome(engine, Outcome.CANCELLED) == 0

    asyncio.run(scenario())


def test_a_prefill_out_of_time_says_how_far_it_was() -> None:
    async def scenario() -> None:
        async with running("echo,step_ms=20", parallel=1) as engine:
            message = what_failed(await read(ask_within(engine, "x" * 3000, SOON_S)))
            assert "of 3000 prompt tokens were prefilled" in message
            assert " 0 of " not in message

    asyncio.run(scenario())


def test_a_request_out_of_time_in_the_queue_leaves_it() -> None:
    async def scenario() -> None:
        async with running("echo,step_ms=2", parallel=1) as engine:
            busy = ask(engine, "a" * 2000)
            assert isinstance(await busy.next(10), Delta)
            assert "while it was queued" in what_failed(await read(ask_within(engine, "b", SOON_S)))
            await until(lambda: engine.health().queued == 0)
            assert engine.health().active == 1
            busy.close()

    asyncio.run(scenario())


def test_an_answer_in_time_is_not_touched() -> None:
    async def scenario() -> None:
        async with running() as engine:
            assert (await read(ask_within(engine, "quick", 60.0))).text == "quick"
            assert outcome(engine, Outcome.DEADLINE) == 0

    asyncio.run(scenario())
