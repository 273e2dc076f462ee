"""Eight clients send the same long prompt with questions of their own: first to a cold server, then again."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence

from tests.bench.metric import Basis, Better, Goal, Metric, Workload, seconds
from tests.bench.prompts import chat, write_prose
from tests.bench.server import Bench
from tests.bench.trace import Trace

CLIENTS = 8
SHARED_TOKENS = 1400
ANSWER_TOKENS = 16


async def run(bench: Bench) -> Mapping[str, float]:
    cold_wall, cold = await _ask_all(bench, "cold")
    again_wall, again = await _ask_all(bench, "again")
    return {
        "cold, wall": cold_wall,
        "cold, mean first token": _mean_first(cold),
        "again, wall": again_wall,
        "again, mean first token": _mean_first(again),
    }


async def _ask_all(bench: Bench, time_of: str) -> tuple[float, Sequence[Trace]]:
    """Other questions the second time, so that only the shared part can be reused."""
    system = write_prose(SHARED_TOKENS, "shared")
    began = time.perf_counter()
    prompts = [chat(system, (), f"{time_of} {n}: {write_prose(20, f'{time_of} {n}')}") for n in range(CLIENTS)]
    traces = await asyncio.gather(*(bench.client.complete(prompt, ANSWER_TOKENS) for prompt in prompts))
    return time.perf_counter() - began, traces


def _mean_first(traces: Sequence[Trace]) -> float:
    return statistics.mean(trace.first_token_s for trace in traces)


SHARED = Workload(
    "shared prompt",
    f"{CLIENTS} clients at once behind the same {SHARED_TOKENS} tokens, {ANSWER_TOKENS} tokens each; "
    "then the same with other questions",
    (
        Metric("cold, wall", "s", Better.LOWER, (Goal(Basis.RATIO, 0.15), Goal(Basis.BEST_PEER, 0.8))),
        seconds("cold, mean first token"),
        seconds("again, wall"),
        seconds("again, mean first token", 0.6),
    ),
    run,
)
