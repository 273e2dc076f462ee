"""Which checkpoints a job asks for: those that its request names, those that earlier prompts taught, and its end.

Pure; only for state that can't be cut.
"""

from __future__ import annotations

from endpoint.cache.residency import WORTH_KEEPING
from endpoint.providers.base import Job


def choose_checkpoints(job: Job, known: int) -> tuple[int, ...]:
    """Its request's boundaries, one before its last token (its answer may be wanted again, or come back changed), and
    where it leaves what is `known`: a third one will part there too. Ascending, in tokens."""
    end = len(job.tokens) - 1
    wanted = {depth for depth in (*job.checkpoints, known) if WORTH_KEEPING <= depth <= end}
    return tuple(sorted({*wanted, end}))
