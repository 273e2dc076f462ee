"""The line of embedding requests by itself: turns, ends, and whose fault is whose."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from endpoint.engine.embedding import EmbeddingLine, EmbeddingRequest, EmbeddingTask, PendingEmbedding
from endpoint.engine.meter import Meter
from endpoint.engine.metrics import Outcome
from endpoint.errors import DeadlineExceeded, GenerationFailed, Unavailable
from endpoint.providers.embedding import Pooling, Vector
from endpoint.providers.fake_embedding import FakeEmbedder, embed_bytes

LONG = (7,) * 200


class PickyEmbedder(FakeEmbedder):
    """Fails at an input that begins with 13."""

    def __init__(self) -> None:
        super().__init__(longest=1000)
        self.begun: list[int] = []

    def begin(self, tokens: Sequence[int], pooling: Pooling) -> None:
        self.begun.append(tokens[0])
        super().begin(tokens, pooling)

    def step(self, *, brief: bool) -> Vector | None:
        if self.begun[-1] == 13:
            raise GenerationFailed("unlucky")
        return super().step(brief=brief)


class Rig:
    """A line with one picky embedder; tasks are numbered from 1."""

    def __init__(self) -> None:
        self.embedder = PickyEmbedder()
        self.meter = Meter()
        self.line = EmbeddingLine(self.embedder, self.meter)
        self._made = 0

    def join(self, *inputs: tuple[int, ...], deadline: float | None = None) -> PendingEmbedding:
        self._made += 1
        reader = PendingEmbedding(on_close=lambda: None)
        request = EmbeddingRequest(inputs, Pooling.MEAN, timeout_s=5.0)
        self.line.join(EmbeddingTask(self._made, request, reader), deadline)
        return reader

    def run(self) -> None:
        while self.line:
            self.line.step(brief=False)

    def count(self, outcome: Outcome) -> int:
        return self.meter.outcomes()[outcome]


def test_requests_take_turns_after_each_input() -> None:
    async def scenario() -> None:
        rig = Rig()
        large, small = rig.join((1,), (2,), (3,)), rig.join((4,))
        rig.run()
        assert rig.embedder.begun == [1, 4, 2, 3]
        assert await small.wait() == (embed_bytes((4,), Pooling.MEAN),)
        assert [list(each) for each in await large.wait()] == [
            list(embed_bytes((token,), Pooling.MEAN)) for token in (1, 2, 3)
        ]
        assert (rig.meter.embedded, rig.count(Outcome.EMBEDDED)) == (4, 2)

    asyncio.run(scenario())


def test_one_that_fails_fails_alone() -> None:
    async def scenario() -> None:
        rig = Rig()
        bad, good = rig.join((1,), (13,)), rig.join((2,))
        rig.run()
        with pytest.raises(GenerationFailed, match="unlucky"):
            await bad.wait()
        assert len(await good.wait()) == 1
        assert (rig.count(Outcome.FAILED), rig.count(Outcome.EMBEDDED)) == (1, 1)

    asyncio.run(scenario())


def test_one_that_is_cancelled_in_the_middle_of_an_input_leaves_no_trace() -> None:
    async def scenario() -> None:
        rig = Rig()
        rig.join(LONG)
        after = rig.join((2,))
        rig.line.step(brief=False)
        assert rig.line.active == 1
        assert rig.line.cancel(1)
        assert not rig.line.cancel(1), "it is unknown now"
        rig.run()
        assert await after.wait() == (embed_bytes((2,), Pooling.MEAN),)

    asyncio.run(scenario())


def test_another_ones_cancellation_leaves_the_input_at_work_alone() -> None:
    async def scenario() -> None:
        rig = Rig()
        first = rig.join(LONG)
        rig.join((2,))
        rig.line.step(brief=False)
        rig.line.cancel(2)
        rig.run()
        assert rig.embedder.begun == [7]
        assert await first.wait() == (embed_bytes(LONG, Pooling.MEAN),)

    asyncio.run(scenario())


def test_who_is_late_is_told_how_far_it_had_come() -> None:
    async def scenario() -> None:
        rig = Rig()
        late = rig.join((1,), LONG, deadline=100.0)
        rig.line.step(brief=False)
        rig.line.end_late(99.0)
        assert len(rig.line) == 1
        rig.line.end_late(100.0)
        with pytest.raises(DeadlineExceeded, match="1 of 2 inputs"):
            await late.wait()
        assert len(rig.line) == 0

    asyncio.run(scenario())


def test_all_are_told_when_the_engine_ends() -> None:
    async def scenario() -> None:
        rig = Rig()
        readers = [rig.join((1,)), rig.join((2,))]
        rig.line.fail_all(Unavailable("stopping"))
        for reader in readers:
            with pytest.raises(Unavailable):
                await reader.wait()

    asyncio.run(scenario())


def test_a_brief_step_computes_less() -> None:
    async def scenario() -> None:
        rig = Rig()
        rig.join(LONG)
        steps = 0
        while rig.line:
            rig.line.step(brief=True)
            steps += 1
        assert steps == 7, "200 tokens by 32"

    asyncio.run(scenario())
