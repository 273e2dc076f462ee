"""Starts waiting jobs and ends running ones: room, reuse, and what is kept. Engine thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from endpoint.cache.keys import merge_meta
from endpoint.cache.report import CacheReport
from endpoint.cache.residency import WORTH_KEEPING, Fate, decide_fate
from endpoint.engine.admission import NotYet, may_start
from endpoint.engine.checkpointing import choose_checkpoints
from endpoint.engine.control import KeyWish
from endpoint.engine.reporting import CacheReporter
from endpoint.engine.sharing import Depths, SharingPlanner, Wait
from endpoint.engine.tiers import PrefixTiers
from endpoint.providers.base import Capacity, Job, Provider, Reuse, RunningJob


@dataclass(frozen=True, slots=True)
class Started:
    """The job runs; `report` says what of its prompt was there already."""

    report: CacheReport


class JobStarter:
    """Between the loop and the provider."""

    def __init__(self, provider: Provider, tiers: PrefixTiers) -> None:
        self._provider = provider
        self._trimmable = provider.caps.trimmable
        self._started: set[int] = set()
        self._awaited: dict[int, set[str]] = {}  # saved prefixes that a job has waited for already
        self._tiers = tiers
        self._cache = tiers.cache
        self._holds = tiers.cache.budget_bytes > 0
        self._planner = SharingPlanner(provider.computed, self._depths)
        self._reporter = CacheReporter(tiers, self._planner, trimmable=self._trimmable)

    def try_start(self, job: Job, running: Iterable[Job], key_name: str | None = None) -> Started | NotYet:
        """Hand a job to the provider, if there is room and nothing worth waiting for."""
        others = list(running)
        if self._provider.capacity().rows < 1:
            return NotYet.NO_ROW
        if not job.scores_prompt and self._awaits_disk(job):
            return NotYet.LOADING
        reusable = [] if job.scores_prompt else others
        plan = self._planner.plan(job, reusable, None if job.scores_prompt else self._tiers.find(job.tokens, key_name))
        if isinstance(plan, Wait):
            return NotYet.SHARES
        if not may_start(job, self._room(plan.reuse), len(others)):
            return NotYet.NO_CELLS
        cached = self._submit(job, plan.reuse, others)
        return Started(self._reporter.report(job, plan.reuse, cached, others, key_name))

    def is_worth_computing(self, job: Job) -> bool:
        """Whether much of its prompt is not held yet, and the provider has room for it."""
        return len(job.tokens) < self._provider.info.n_ctx and len(job.tokens) - self._known(job, ()) > WORTH_KEEPING

    @property
    def holds_answers(self) -> bool:
        """Whether `end` holds an answer with its prompt."""
        return self._provider.caps.holds_answers

    def end(self, job: Job, answer: Sequence[int], running: Iterable[Job], key: KeyWish | None = None) -> None:
        """A running job is over, or its reader has gone: hold what it has computed, or not (see `residency.py`). Its
        key goes on to its prompt, if that is computed whole."""
        is_whole = self._provider.computed(job.id) >= len(job.tokens)
        fate = self._decide_by_tokens(job, answer, running) if self._trimmable else self._decide_by_checkpoints(job)
        self.forget(job.id)
        if fate is Fate.DROP:
            self._provider.cancel(job.id)
        else:
            self._tiers.hold(job.id, job.tokens if key is not None and key.exact else (*job.tokens, *answer))
        if key is not None and is_whole:
            self._advance(key, job.tokens)

    def advance_to(self, name: str, prompt: tuple[int, ...], tokens: tuple[int, ...]) -> None:
        """A conversation's answer is computed too: the key that stands for its prompt goes on to it."""
        key = self._tiers.keys.find(name)
        if key is not None and key.tokens == prompt:
            self._tiers.keys.stand_for(key, tokens)

    def _advance(self, wish: KeyWish, tokens: tuple[int, ...]) -> None:
        key = self._tiers.obtain_key(wish.name, wish.terms, is_lease=wish.exact)
        if wish.content is not None:
            key.content = wish.content
        key.meta = merge_meta(key.meta, wish.meta)
        key.is_prepared = wish.exact
        self._tiers.keys.stand_for(key, tokens)
        self._tiers.changes += 1

    def _awaits_disk(self, job: Job) -> bool:
        """Each saved prefix is waited for once: one that was loaded may have had no room."""
        entry_id = self._tiers.awaits(job.tokens)
        if not entry_id:
            return entry_id is not None
        waited = self._awaited.setdefault(job.id, set())
        if entry_id in waited:
            return self._tiers.is_loading
        waited.add(entry_id)
        self._tiers.request(entry_id)
        return True

    def keep_to_budget(self) -> None:
        """After a step. Checkpoints of running jobs count too: held prefixes make room for them; if that isn't enough,
        all but the first and the newest go, then all but the newest, then all."""
        most = 2
        while not self._trimmable and not self._cache.keep_to_budget() and most >= 0:
            for job_id in self._started:
                self._provider.limit_checkpoints(job_id, most)
            most -= 1

    def _submit(self, job: Job, reuse: Reuse | None, others: Iterable[Job]) -> int:
        self._started.add(job.id)
        if self._trimmable:
            return self._provider.submit(job, reuse if self.holds_answers else _shorten(job, reuse))
        wanted = choose_checkpoints(job, self._known(job, others)) if self._holds else ()
        return self._provider.submit(replace(job, checkpoints=wanted), reuse)

    def _room(self, reuse: Reuse | None) -> Capacity:
        """Cells that a job shares with a running one needn't be free, where sharing takes none."""
        capacity = self._provider.capacity()
        if reuse is None or not isinstance(reuse.source, RunningJob) or not self._provider.caps.shares_running:
            return capacity
        return Capacity(capacity.rows, capacity.cells + reuse.depth)

    def _depths(self, job_id: int) -> Depths:
        return None if self._trimmable else self._provider.checkpoints(job_id)

    def _decide_by_tokens(self, job: Job, answer: Sequence[int], running: Iterable[Job]) -> Fate:
        computed = self._provider.computed(job.id)
        if not self.holds_answers:
            return decide_fate(min(computed, len(job.tokens) - 1), self._known(job, running))
        whole = replace(job, tokens=(*job.tokens, *answer))
        return decide_fate(computed, self._known(whole, running))

    def _decide_by_checkpoints(self, job: Job) -> Fate:
        """Where state can't be cut, more tokens are no gain, but a checkpoint that nothing held has."""
        computed = self._provider.computed(job.id)
        reached = [depth for depth in self._provider.checkpoints(job.id) if depth <= computed]
        new = bool(reached) and not self._cache.holds(job.tokens, reached)
        return decide_fate(reached[-1], 0) if new else Fate.DROP

    def _known(self, job: Job, others: Iterable[Job]) -> int:
        """Tokens of its prompt that are held, or that a running job has in common with it."""
        shared = (self._planner.shared(job, other) for other in others)
        return max(self._cache.known(job.tokens), *shared, 0)

    def forget(self, job_id: int) -> None:
        """A job is gone without a trace in the provider."""
        self._started.discard(job_id)
        self._awaited.pop(job_id, None)
        self._planner.forget(job_id)


def _shorten(job: Job, reuse: Reuse | None) -> Reuse | None:
    """One token less where that leaves two: the last is computed by itself, and so would be the one before."""
    if reuse is None or len(job.tokens) - reuse.depth != 2 or reuse.depth < 2:
        return reuse
    return Reuse(reuse.source, reuse.depth - 1)
