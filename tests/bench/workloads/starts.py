"""From nothing to the first token, and what it takes in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tests.bench.metric import Basis, Better, Goal, Metric, Workload, seconds
from tests.bench.prompts import story, write_prose
from tests.bench.server import Bench

MIB = 1 << 20
STREAMS = 8
PROMPT_TOKENS = 500


async def run_start(bench: Bench) -> Mapping[str, float]:
    trace = await bench.client.complete(story("start"), 2)
    return {"ready": bench.ready_s, "first token": bench.ready_s + trace.first_token_s}


async def run_memory(bench: Bench) -> Mapping[str, float]:
    ready = bench.resident_bytes()
    prompts = [write_prose(PROMPT_TOKENS, f"memory {n}") for n in range(STREAMS)]
    await asyncio.gather(*(bench.client.complete(prompt, 16) for prompt in prompts))
    return {"when ready": ready / MIB, "after 8 streams": bench.resident_bytes() / MIB}


START = Workload(
    "cold start",
    "the process is started; the model file is in the system's cache",
    (
        Metric("ready", "s", Better.LOWER, (Goal(Basis.DIFFERENCE, 1.5),)),
        seconds("first token"),
    ),
    run_start,
)
MEMORY = Workload(
    "memory",
    f"resident, with the model's mapped pages; then {STREAMS} prompts of {PROMPT_TOKENS} tokens at once",
    (
        Metric("when ready", "MiB", Better.LOWER),
        Metric("after 8 streams", "MiB", Better.LOWER, (Goal(Basis.RATIO, 1.2),)),
    ),
    run_memory,
)
