"""Plain decoding: one stream, several streams, and one stream while other programs want the cores."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench.hogs import busy_processes
from tests.bench.metric import Workload, rate, seconds
from tests.bench.prompts import story
from tests.bench.server import Bench

TOKENS = 128


@dataclass(frozen=True, slots=True)
class _Alone:
    tokens: int

    async def run(self, bench: Bench) -> Mapping[str, float]:
        trace = await bench.client.complete(story("one"), self.tokens)
        return {"decode": trace.decode_rate, "first token": trace.first_token_s}


@dataclass(frozen=True, slots=True)
class _AtOnce:
    streams: int
    tokens: int
    seed: str

    async def run(self, bench: Bench) -> Mapping[str, float]:
        prompts = [story(f"{self.seed} {n}") for n in range(self.streams)]
        began = time.perf_counter()
        traces = await asyncio.gather(*(bench.client.complete(prompt, self.tokens) for prompt in prompts))
        wall = max(trace.arrivals[-1] for trace in traces) - began
        return {
            "total": sum(trace.tokens for trace in traces) / wall,
            "mean first token": statistics.mean(trace.first_token_s for trace in traces),
        }


@dataclass(frozen=True, slots=True)
class _Beside:
    hogs: int

    async def run(self, bench: Bench) -> Mapping[str, float]:
        with busy_processes(self.hogs):
            trace = await bench.client.complete(story("hog"), TOKENS)
        return {"decode": trace.decode_rate}


def stream_alone(tokens: int, bound: float) -> Workload:
    """One stream; `bound` on the ratio of its rate."""
    metrics = (rate("decode", bound), seconds("first token"))
    return Workload("one stream", f"{tokens} tokens, alone", metrics, _Alone(tokens).run)


def stream_together(streams: int, tokens: int, seed: str, first_token: float | None = None) -> Workload:
    """Several streams, in all no slower than the peer's; `first_token` bounds the ratio of that. `seed`: which
    stories."""
    return Workload(
        f"{streams} streams",
        f"{streams} different short prompts at once, {tokens} tokens each",
        (rate("total", 1.0), seconds("mean first token", first_token)),
        _AtOnce(streams, tokens, seed).run,
    )


ONE = stream_alone(TOKENS, 0.98)
EIGHT = stream_together(8, TOKENS, "eight", first_token=1.0)
ONE_HOG = Workload("one busy program", "one stream, and one process that spins", (rate("decode", 1.4),), _Beside(1).run)
TWO_HOGS = Workload("two busy programs", "the same with two", (rate("decode"),), _Beside(2).run)
