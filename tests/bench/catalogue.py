"""Every workload, in the order of the table: a list for each provider."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.metric import Basis, Goal, Workload
from tests.bench.workloads import chats, edits, idle, schemas, sharing, stalls, starts, streams

WORKLOADS: tuple[Workload, ...] = (
    streams.ONE,
    streams.EIGHT,
    sharing.SHARED,
    chats.CHAT,
    chats.AGENTS,
    stalls.STALL,
    streams.ONE_HOG,
    streams.TWO_HOGS,
    edits.EDIT,
    schemas.SCHEMAS,
    idle.IDLE,
    starts.START,
    starts.MEMORY,
)

MLX_WORKLOADS: tuple[Workload, ...] = (
    streams.stream_alone(64, 1.0),
    streams.stream_together(4, 32, "four"),
    streams.stream_together(8, 32, "eight"),
    sharing.share_prompt(4, 800, (Goal(Basis.RATIO, 0.4),), again=1.0),
    chats.chat_at_once(6, chats.Lengths(system=150, question=40, answer=24)),
)
"""Smaller: on a processor MLX reads a hundred tokens a second and writes ten."""


class UnknownWorkload(Exception):
    """Nothing is called so; the message lists what there is."""


def select(wish: str, workloads: Sequence[Workload] = WORKLOADS) -> tuple[Workload, ...]:
    """The workloads whose names contain one of the comma-separated words; all for an empty wish."""
    words = [word.strip().lower() for word in wish.split(",") if word.strip()]
    unknown = [word for word in words if not any(word in workload.name for workload in workloads)]
    if unknown:
        names = ", ".join(workload.name for workload in workloads)
        raise UnknownWorkload(f"No workload is called {', '.join(unknown)}. There are: {names}.")
    return tuple(w for w in workloads if not words or any(word in w.name for word in words))
