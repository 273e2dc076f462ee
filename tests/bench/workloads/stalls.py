"""Eight running streams, and a long prompt arrives: how long does one of them stand still?"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping

from tests.bench.metric import Workload, seconds
from tests.bench.prompts import story, write_prose
from tests.bench.server import Bench
from tests.bench.trace import Trace

STREAMS = 8
TOKENS = 220
LONG_TOKENS = 2000
RUNNING_EVENTS = 4


async def run(bench: Bench) -> Mapping[str, float]:
    async with asyncio.TaskGroup() as group:
        begun = [asyncio.Event() for _ in range(STREAMS)]
        streams = [group.create_task(_stream(bench, number, event)) for number, event in enumerate(begun)]
        for event in begun:
            await event.wait()
        long = await bench.client.complete(write_prose(LONG_TOKENS, "long"), 1)
    gaps = [task.result().worst_gap_s(long.sent_at, long.arrivals[0]) for task in streams]
    return {"worst gap": max(gaps), "median worst gap": statistics.median(gaps), "long prompt": long.first_token_s}


async def _stream(bench: Bench, number: int, begun: asyncio.Event) -> Trace:
    def note(count: int) -> None:
        if count >= RUNNING_EVENTS:
            begun.set()

    try:
        return await bench.client.complete(story(f"stall {number}"), TOKENS, note)
    finally:
        begun.set()  # also when it failed: nobody must wait for it


STALL = Workload(
    "long prefill arrives",
    f"{STREAMS} streams of {TOKENS} tokens run; then a prompt of {LONG_TOKENS} tokens comes",
    (seconds("worst gap", 0.5), seconds("median worst gap"), seconds("long prompt")),
    run,
)
