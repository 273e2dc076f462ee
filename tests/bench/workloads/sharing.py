"""Several clients send the same long prompt with questions of their own: first to a cold server, then again."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.metric import Basis, Better, Goal, Metric, Workload, seconds
from tests.bench.prompts import chat, write_prose
from tests.bench.server import Bench
from tests.bench.trace import Trace

ANSWER_TOKENS = 16


@dataclass(frozen=True, slots=True)
class _Sharing:
    clients: int
    shared_tokens: int

    async def run(self, bench: Bench) -> Mapping[str, float]:
        cold_wall, cold = await self._ask_all(bench, "cold")
        again_wall, again = await self._ask_all(bench, "again")
        return {
            "cold, wall": cold_wall,
            "cold, mean first token": _mean_first(cold),
            "again, wall": again_wall,
            "again, mean first token": _mean_first(again),
        }

    async def _ask_all(self, bench: Bench, time_of: str) -> tuple[float, Sequence[Trace]]:
        """Other questions the second time, so that only the shared part can be reused."""
        system = write_prose(self.shared_tokens, "shared")
        began = time.perf_counter()
        questions = [f"{time_of} {n}: {write_prose(20, f'{time_of} {n}')}" for n in range(self.clients)]
        asked = (bench.client.complete(chat(system, (), question), ANSWER_TOKENS) for question in questions)
        traces = await asyncio.gather(*asked)
        return time.perf_counter() - began, traces


def _mean_first(traces: Sequence[Trace]) -> float:
    return statistics.mean(trace.first_token_s for trace in traces)


def share_prompt(clients: int, shared_tokens: int, cold: tuple[Goal, ...], again: float) -> Workload:
    """`cold`: the goals of the first time, in wall time; `again`: a bound on the ratio of the second's first token."""
    return Workload(
        "shared prompt",
        f"{clients} clients at once behind the same {shared_tokens} tokens, {ANSWER_TOKENS} tokens each; "
        "then the same with other questions",
        (
            Metric("cold, wall", "s", Better.LOWER, cold),
            seconds("cold, mean first token"),
            seconds("again, wall"),
            seconds("again, mean first token", again),
        ),
        _Sharing(clients, shared_tokens).run,
    )


SHARED = share_prompt(8, 1400, (Goal(Basis.RATIO, 0.15), Goal(Basis.BEST_PEER, 0.8)), again=0.6)
