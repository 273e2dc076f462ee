"""Every workload, in the order of the table."""

from __future__ import annotations

from tests.bench.metric import Workload
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


class UnknownWorkload(Exception):
    """Nothing is called so; the message lists what there is."""


def select(wish: str) -> tuple[Workload, ...]:
    """The workloads whose names contain one of the comma-separated words; all for an empty wish."""
    words = [word.strip().lower() for word in wish.split(",") if word.strip()]
    unknown = [word for word in words if not any(word in workload.name for workload in WORKLOADS)]
    if unknown:
        names = ", ".join(workload.name for workload in WORKLOADS)
        raise UnknownWorkload(f"No workload is called {', '.join(unknown)}. There are: {names}.")
    return tuple(w for w in WORKLOADS if not words or any(word in w.name for word in words))
