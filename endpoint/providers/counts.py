"""What a provider has computed for its jobs, and what it needed not to. Background jobs don't count."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.providers.base import Job


@dataclass(slots=True)
class JobCounts:
    """Tokens, and jobs; see `ProviderStats`."""

    prefilled: int = 0
    cached: int = 0
    hits: int = 0
    lookups: int = 0

    def begin(self, job: Job, depth: int) -> None:
        """A job starts; `depth` of its tokens are there already."""
        if not job.background:
            self.lookups += 1
            self.hits += depth > 0
            self.cached += depth

    def prefill(self, job: Job, count: int) -> None:
        """So many of its prompt's tokens were computed."""
        self.prefilled += 0 if job.background else count
