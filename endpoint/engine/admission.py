"""Which waiting job may start: pure arithmetic. First come, first served: nobody is overtaken.

A job starts when a row is free and its prompt fits beside what the running rows hold, with some room for the answer.
Not the whole answer: most are far shorter than their limit. If cells do run out, the provider makes the youngest wait.
"""

from __future__ import annotations

from endpoint.providers.base import Capacity, Job

ANSWER_ROOM = 128
"""Tokens of an answer that must fit at once."""


def may_start(job: Job, capacity: Capacity, running: int) -> bool:
    """Whether to hand the job to the provider now. Alone, any job fits: its request was checked against the context."""
    if capacity.rows < 1:
        return False
    wanted = len(job.tokens) + min(job.max_tokens, ANSWER_ROOM)
    return running == 0 or wanted <= capacity.cells
