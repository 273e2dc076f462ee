"""Why a prompt reused what it did, and no more: one CacheReport for each request. Engine thread only."""

from __future__ import annotations

from endpoint.cache.report import CacheReport, Shortfall, Tier
from endpoint.cache.residency import WORTH_KEEPING
from endpoint.engine.sharing import SharingPlanner
from endpoint.engine.tiers import PrefixTiers
from endpoint.providers.base import Job, Prefix, Reuse, RunningJob


class CacheReporter:
    """Compares what was reused with the best that there is or was."""

    def __init__(self, tiers: PrefixTiers, planner: SharingPlanner, *, trimmable: bool) -> None:
        self._tiers = tiers
        self._planner = planner
        self._trimmable = trimmable

    def report(
        self, job: Job, reuse: Reuse | None, cached: int, others: list[Job], key_name: str | None
    ) -> CacheReport:
        """Before anything of the job is held. `reuse`: what it was given, of which `cached` tokens were taken."""
        tier = self._find_tier(reuse) if cached else Tier.NONE
        candidate, shared = self._find_candidate(job, reuse, others)
        loss = self._tiers.losses.find(job.tokens)
        key = self._name_key(reuse, key_name)
        if job.scores_prompt:
            return CacheReport(job.tokens, cached, tier, Shortfall.NOT_WANTED, key)
        if loss is not None and loss[1] >= max(shared, cached) + WORTH_KEEPING:
            lost, depth = loss
            return CacheReport(job.tokens, cached, tier, lost.why, key, lost.tokens, depth, lost.detail)
        why, detail = self._judge(job, cached, candidate, shared, key_name)
        return CacheReport(job.tokens, cached, tier, why, key, candidate, shared, detail)

    def _judge(
        self, job: Job, cached: int, candidate: tuple[int, ...], shared: int, key_name: str | None
    ) -> tuple[Shortfall, str]:
        if not self._trimmable and shared >= cached + WORTH_KEEPING:
            return Shortfall.UNCUTTABLE, ""
        if shared < min(len(candidate), len(job.tokens)):
            return Shortfall.DIVERGED, self._tell_of_key(key_name)
        if candidate:
            return Shortfall.NOTHING, ""
        strangers = self._tiers.saved.strangers if self._tiers.saved is not None else ()
        if strangers:
            return Shortfall.OTHER_MODEL, f"what is saved was made with other: {', '.join(strangers)}"
        return Shortfall.NEW, self._tell_of_key(key_name) or self._tell_of_start()

    def _find_tier(self, reuse: Reuse | None) -> Tier:
        if reuse is None:
            return Tier.NONE
        return Tier.RESIDENT if isinstance(reuse.source, RunningJob) else self._tiers.take_up(reuse.source)

    def _find_candidate(self, job: Job, reuse: Reuse | None, others: list[Job]) -> tuple[tuple[int, ...], int]:
        """What shares the longest beginning, held, running or saved."""
        best: tuple[tuple[int, ...], int] = ((), 0)
        alike = self._tiers.cache.find_alike(job.tokens)
        if alike is not None:
            best = (alike[0].tokens, alike[1])
        if reuse is not None and isinstance(reuse.source, Prefix) and reuse.depth >= best[1]:
            best = (reuse.source.tokens, max(reuse.depth, best[1]))
        saved = self._tiers.saved.find(job.tokens) if self._tiers.saved is not None else None
        if saved is not None and saved.depth > best[1]:
            best = (saved.entry.tokens, saved.depth)
        for other in others:
            shared = self._planner.shared(job, other)
            if shared > best[1]:
                best = (other.tokens, shared)
        return best

    def _name_key(self, reuse: Reuse | None, key_name: str | None) -> str | None:
        """The key that was asked for, or one that stands for what was reused."""
        if key_name is not None or reuse is None or not isinstance(reuse.source, Prefix):
            return key_name
        if not self._tiers.cache.is_pinned(reuse.source):
            return None
        return next((key.name for key in self._tiers.keys if key.held == reuse.source.id), None)

    def _tell_of_key(self, name: str | None) -> str:
        if name is None or self._tiers.keys.find(name) is not None:
            return ""
        expired = self._tiers.keys.expired_at(name)
        if expired is not None:
            return f"the key {name!r} expired {self._tiers.now - expired:.0f} s ago"
        return f"there is no key {name!r} yet"

    def _tell_of_start(self) -> str:
        kept = "nothing like it was saved before" if self._tiers.saved is not None else "nothing is saved on disk"
        return f"the endpoint was started {self._tiers.age_s:.0f} s ago, and {kept}"
