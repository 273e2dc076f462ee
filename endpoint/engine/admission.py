"""Whether there is room for a waiting job: pure arithmetic. Who is asked first is `waiting.py`'s matter.

A job starts when a row is free and its prompt fits beside what the running rows hold, with some room for the answer.
Not the whole answer: most are far shorter than their limit. If cells do run out, the provider makes the youngest wait.
"""

from __future__ import annotations

from enum import Enum, auto

from endpoint.providers.base import Capacity, Job

ANSWER_ROOM = 128
"""Tokens of an answer that must fit at once."""


class NotYet(Enum):
    """Why a job doesn't start now."""

    SHARES = auto()  # a running job is computing its beginning
    LOADING = auto()  # its beginning is being read from the disk
    NO_ROW = auto()  # nobody can start
    NO_CELLS = auto()  # a smaller one may


def may_start(job: Job, capacity: Capacity, running: int) -> bool:
    """Whether to hand the job to the provider now. Alone, any job fits: its request was checked against the context."""
    if capacity.rows < 1:
        return False
    wanted = len(job.tokens) + min(job.max_tokens, ANSWER_ROOM)
    return running == 0 or wanted <= capacity.cells
