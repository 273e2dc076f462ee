"""The engine thread's life: load the model, serve, let it go when nobody has needed it for long, load it again.

Owner: the engine thread. Neither llama.cpp's contexts nor MLX's arrays may cross threads, so a provider is loaded, used
and closed here, and nowhere else.
Invariant: what needs no weights outlives them: the description of the model, with a tokenizer of its own, the keys, the
index of what is saved. Others never see a provider, so none of them can hold on to one that has gone.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue

from endpoint.cache.disk.store import DiskStore, Post
from endpoint.contract import HealthStatus
from endpoint.engine.chores import Upkeep
from endpoint.engine.commands import Command, FromDisk
from endpoint.engine.health import MemoryState, Presence
from endpoint.engine.heap import give_back
from endpoint.engine.keydesk import KeyDesk
from endpoint.engine.loop import EngineLoop, LoopEnd
from endpoint.engine.model import describe_model, describe_origin
from endpoint.engine.saving import PrefixSaver
from endpoint.engine.standing import Standing, Vitals
from endpoint.engine.tiers import PrefixTiers
from endpoint.engine.totals import keep_counts
from endpoint.engine.vigil import Vigil
from endpoint.errors import EndpointError, LoadError, Unavailable
from endpoint.providers.base import Provider
from endpoint.providers.options import Progress

_LOGGER = logging.getLogger(__name__)
SAVE_S = 1.5
"""How long a stopping engine writes prefixes that aren't on the disk yet."""
Load = Callable[[Progress], Provider]
"""Loads the model; called again, the very same one, with as long a context."""
OpenStore = Callable[[str, Mapping[str, str], Post], DiskStore]
"""With the provider's fingerprint, what made it in words, and where to report."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an engine is to do. `cache_bytes` bounds what held prefixes take in RAM; `open_store` opens the place where
    they are saved."""

    load: Load
    cache_bytes: int
    open_store: OpenStore | None
    upkeep: Upkeep

    @property
    def saves(self) -> bool:
        """Whether prefixes are saved on disk."""
        return self.open_store is not None and self.cache_bytes > 0


class Residence:
    """One life, on the thread that calls `run`. `on_change` is called there when the first load has ended, and when the
    engine fails later."""

    def __init__(
        self,
        terms: Terms,
        inbox: SimpleQueue[Command],
        vitals: Vitals,
        standing: Standing,
        on_change: Callable[[], None],
    ) -> None:
        self._terms = terms
        self._inbox = inbox
        self._vitals = vitals
        self._standing = standing
        self._on_change = on_change

    def run(self) -> None:
        """Until a Stop comes, or something fails: `standing.failure` says what."""
        provider = self._load_first()
        self._on_change()
        if provider is None:
            return
        tiers = self._open_tiers(provider)
        desk = KeyDesk(tiers)
        end = self._serve(provider, tiers, desk)
        del provider  # closed by now; nothing here may hold on to what it held
        while end is LoopEnd.IDLE:
            end = self._rest(tiers, desk)

    def _load_first(self) -> Provider | None:
        standing = self._standing
        provider = self._load(self._report_progress)
        if provider is None:
            return None
        try:
            tokenizer = provider.lasting_tokenizer() if self._terms.upkeep.unload_after_s else None
        except LoadError as error:
            standing.fail(error)
            provider.close()
            return None
        standing.model = describe_model(provider, int(time.time()), tokenizer)
        if standing.status is HealthStatus.LOADING:
            standing.status = HealthStatus.HEALTHY
        return provider

    def _load(self, progress: Progress) -> Provider | None:
        """None when it fails; then that is told in the standing."""
        try:
            provider = self._terms.load(progress)
        except EndpointError as error:
            self._standing.fail(error)
            return None
        except Exception as error:  # a library's own failure must end as "failed" with a reason, not as a silent thread
            _LOGGER.exception("Loading failed")
            self._standing.fail(LoadError(f"Loading failed: {error}"))
            return None
        self._standing.progress = 1.0
        self._vitals.heartbeat = time.monotonic()
        return provider

    def _report_progress(self, share: float) -> None:
        self._standing.progress = share

    def _open_tiers(self, provider: Provider) -> PrefixTiers:
        terms = self._terms
        if terms.open_store is not None and terms.saves:
            self._standing.store = terms.open_store(
                provider.fingerprint, describe_origin(provider), lambda event: self._inbox.put(FromDisk(event))
            )
        return PrefixTiers(provider, terms.cache_bytes, self._standing.store)

    def _serve(self, provider: Provider, tiers: PrefixTiers, desk: KeyDesk, kept: tuple[Command, ...] = ()) -> LoopEnd:
        """Until the end, whichever it is; then the provider is closed."""
        loop = EngineLoop(provider, self._inbox, self._vitals, tiers, desk, self._terms.upkeep)
        try:
            end = loop.run(kept)
        except Exception as error:  # whatever the provider raises: the health report must say it, the process lives on
            _LOGGER.exception("The engine failed")
            self._standing.fail(error)
            loop.fail_all(Unavailable(f"The engine failed: {error}"))
            self._on_change()
            # It is broken already; but some libraries abort the exit unless closed.
            with contextlib.suppress(Exception):
                provider.close()
            return LoopEnd.STOPPED
        if end is LoopEnd.IDLE:
            self._unload(provider, tiers)
            return end
        loop.fail_all(Unavailable("The endpoint is stopping."))
        if tiers.store is not None:
            loop.save_all(SAVE_S / 2)
            tiers.store.close(SAVE_S / 2)
        provider.close()
        return end

    def _unload(self, provider: Provider, tiers: PrefixTiers) -> None:
        """Whatever was worth saving is saved by now."""
        self._standing.presence = Presence.UNLOADED
        self._vitals.stats = keep_counts(self._vitals.stats)
        self._vitals.memory = MemoryState()
        tiers.detach()
        provider.close()
        _LOGGER.info("The model was unloaded: no request for %g s.", self._terms.upkeep.unload_after_s)

    def _rest(self, tiers: PrefixTiers, desk: KeyDesk) -> LoopEnd:
        """Without a model, until it is needed; load it, and serve."""
        give_back()
        vigil = Vigil(self._inbox, self._vitals, tiers, desk)
        if not vigil.wait():
            self._leave(vigil, tiers, "The endpoint is stopping.")
            return LoopEnd.STOPPED
        provider = self._load_again(vigil)
        if provider is None:
            self._leave(vigil, tiers, str(self._standing.failure))
            self._on_change()
            return LoopEnd.STOPPED
        tiers.attach(provider)
        return self._serve(provider, tiers, desk, vigil.hand_on())

    def _load_again(self, vigil: Vigil) -> Provider | None:
        standing = self._standing
        standing.progress, standing.presence = 0.0, Presence.RETURNING
        started = time.monotonic()

        def report(share: float) -> None:
            self._report_progress(share)
            vigil.attend()

        provider = self._load(report)
        if provider is not None:
            standing.presence = Presence.LOADED
            _LOGGER.info("The model was loaded again in %.1f s.", time.monotonic() - started)
        return provider

    @staticmethod
    def _leave(vigil: Vigil, tiers: PrefixTiers, why: str) -> None:
        """For good, without a model: tell those who wait for it, and note what has become of keys meanwhile."""
        vigil.attend()
        vigil.fail_all(Unavailable(why))
        if tiers.store is not None:
            PrefixSaver(tiers).save_all(time.monotonic())
            tiers.store.close(SAVE_S)
