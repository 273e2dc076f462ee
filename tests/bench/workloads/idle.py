"""One stream while many conversations are cached and rest: what do their prefixes cost those that run?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tests.bench.metric import Basis, Better, Goal, Metric, Workload, rate
from tests.bench.prompts import chat, story, write_prose
from tests.bench.server import Bench

CONVERSATIONS = 20
TOKENS_EACH = 1000
TOKENS = 128
AT_ONCE = 4


async def run(bench: Bench) -> Mapping[str, float]:
    # The same story both times: what a repetition is worth to a server that drafts differs from text to text.
    empty = await bench.client.complete(story("idle"), TOKENS)
    turn = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for number in range(CONVERSATIONS):
            group.create_task(_converse(bench, number, turn))
    full = await bench.client.complete(story("idle"), TOKENS)
    return {
        "decode, empty": empty.decode_rate,
        "decode, full": full.decode_rate,
        "full / empty": full.decode_rate / empty.decode_rate,
    }


async def _converse(bench: Bench, number: int, turn: asyncio.Semaphore) -> None:
    async with turn:
        await bench.client.complete(chat(write_prose(TOKENS_EACH, f"idle {number}"), (), "Go on."), 4)


IDLE = Workload(
    "idle conversations",
    f"one stream, before and after {CONVERSATIONS} conversations of {TOKENS_EACH} tokens have been and gone",
    (
        rate("decode, empty"),
        rate("decode, full"),
        Metric("full / empty", "", Better.HIGHER, (Goal(Basis.OWN, 0.95),)),
    ),
    run,
)
