"""Many requests over too few cells and bytes, with cancels, where state can't be cut: nothing is lost or leaks."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Delta, Failure, Finish, FinishReason
from endpoint.providers.base import MemoryKind, Provider, Sampling
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.engine.rig import DEADLINE_S, running
from tests.endpoint.serving import wait_until
from tests.tiny.models import write_tiny

AT_ONCE, N_CTX = 16, 1792
BUDGET = 1 << 19  # bytes: room for a few of the tiny models' prefixes
BEGINNINGS = ["The ships in the harbour are counted every day. ", "A cat sat on a wall and looked at the moon. "]


class Client:
    """Sends one request; may hang up after some events."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)
        self.max_tokens = self._random.randint(1, 30)
        self.hangs_up_after = self._random.randint(0, 4) if number % 4 == 0 else None
        beginning = self._random.choice(BEGINNINGS) * self._random.randint(1, 20)
        self.text = f"{beginning} Number {self._random.randint(0, 99)}."

    async def run(self, engine: Engine, slots: asyncio.Semaphore) -> Finish | Failure | None:
        async with slots:
            tokens = tuple(engine.model().tokenizer.encode(self.text, add_bos=True))
            sampling, depths = Sampling(temperature=0.8, seed=1), (self._random.randint(0, len(tokens)),)
            stream = engine.submit(GenerationRequest(tokens, self.max_tokens, sampling, checkpoints=depths))
            events = 0
            try:
                while events != self.hangs_up_after:
                    event = await stream.next(DEADLINE_S * 4)
                    assert event is not None, "nothing came"
                    if not isinstance(event, Delta):
                        return event
                    events += 1
                return None
            finally:
                stream.close()


def check(client: Client, end: Finish | Failure | None) -> None:
    if end is None:
        assert client.hangs_up_after is not None
        return
    assert isinstance(end, Finish), end
    assert end.usage.completion_tokens <= client.max_tokens
    assert end.reason is FinishReason.STOP or end.usage.completion_tokens == client.max_tokens


def wait_until_idle(engine: Engine) -> None:
    wait_until(lambda: not (engine.health().active or engine.health().queued), "the engine is idle")


@pytest.mark.parametrize("requests", [20, pytest.param(160, marks=pytest.mark.slow_suite)])
@pytest.mark.parametrize("kind", [kind for kind in MemoryKind if kind is not MemoryKind.ATTENTION])
def test_every_request_that_is_not_cancelled_completes_and_nothing_is_left_behind(
    kind: MemoryKind, requests: int, tmp_path: Path
) -> None:
    providers: list[LlamaCppProvider] = []
    path = tmp_path / "tiny.gguf"
    write_tiny(kind, path)

    def load_small(progress: Progress) -> Provider:
        providers.append(load(str(path), LoadOptions(n_ctx=N_CTX, parallel=6, threads=1), progress))
        return providers[0]

    async def scenario() -> None:
        clients = [Client(number) for number in range(requests)]
        slots = asyncio.Semaphore(AT_ONCE)
        async with running(load=load_small, cache_bytes=BUDGET) as engine:
            ends = await asyncio.gather(*(client.run(engine, slots) for client in clients))
            await asyncio.to_thread(wait_until_idle, engine)
            for client, end in zip(clients, ends, strict=True):
                check(client, end)
            assert sum(end is not None for end in ends) > requests / 2
            provider = providers[0]
            assert provider.capacity().rows == provider.caps.max_parallel
            assert provider._ledger.used <= N_CTX
            assert provider.held_bytes() <= BUDGET
            assert not provider._rows
            assert len(provider._drawer) == 0
            assert not provider._checkpoints._copies

    asyncio.run(scenario())
