"""Plain decoding: one stream, eight streams, and one stream while other programs want the cores."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping

from tests.bench.hogs import busy_processes
from tests.bench.metric import Workload, rate, seconds
from tests.bench.prompts import story
from tests.bench.server import Bench

TOKENS = 128
STREAMS = 8


async def run_one(bench: Bench) -> Mapping[str, float]:
    trace = await bench.client.complete(story("one"), TOKENS)
    return {"decode": trace.decode_rate, "first token": trace.first_token_s}


async def run_eight(bench: Bench) -> Mapping[str, float]:
    began = time.perf_counter()
    traces = await asyncio.gather(*(bench.client.complete(story(f"eight {n}"), TOKENS) for n in range(STREAMS)))
    wall = max(trace.arrivals[-1] for trace in traces) - began
    return {
        "total": sum(trace.tokens for trace in traces) / wall,
        "mean first token": statistics.mean(trace.first_token_s for trace in traces),
    }


async def run_beside_one_hog(bench: Bench) -> Mapping[str, float]:
    return await _run_beside(bench, 1)


async def run_beside_two_hogs(bench: Bench) -> Mapping[str, float]:
    return await _run_beside(bench, 2)


async def _run_beside(bench: Bench, hogs: int) -> Mapping[str, float]:
    with busy_processes(hogs):
        trace = await bench.client.complete(story("hog"), TOKENS)
    return {"decode": trace.decode_rate}


ONE = Workload("one stream", f"{TOKENS} tokens, alone", (rate("decode", 0.98), seconds("first token")), run_one)
EIGHT = Workload(
    "8 streams",
    f"{STREAMS} different short prompts at once, {TOKENS} tokens each",
    (rate("total", 1.0), seconds("mean first token", 1.0)),
    run_eight,
)
ONE_HOG = Workload(
    "one busy program", "one stream, and one process that spins", (rate("decode", 1.4),), run_beside_one_hog
)
TWO_HOGS = Workload("two busy programs", "the same with two", (rate("decode"),), run_beside_two_hogs)
