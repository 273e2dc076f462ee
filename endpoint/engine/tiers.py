"""All that is kept of the past: held prefixes, the keys that name them, what is saved of them, and what was lost.

Engine thread only. It knows no running jobs; `starting.py` does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from endpoint.cache.disk.store import DiskEvent, DiskStore, Found, Gone, Loaded, NotLoaded, NotSaved, Saved
from endpoint.cache.key_notes import KEY, read_note
from endpoint.cache.keys import Key, KeyRing
from endpoint.cache.losses import Loss, Losses
from endpoint.cache.prefixes import NothingHeld, PrefixCache
from endpoint.cache.report import Shortfall, Tier
from endpoint.cache.saved import SavedPrefixes
from endpoint.engine.control import KeyTerms, KeyView
from endpoint.providers.base import Prefix, Provider, Reuse
from endpoint.providers.saved_state import SavedState

WORTH_LOADING = 64
"""Tokens that a saved prefix must have more than the held ones to be waited for."""
SCAN_S = 3.0
"""How long the first prompts wait for what was saved to be known."""


class PrefixTiers:
    """Owns cache, keys, losses and the index of what is saved. `budget_bytes` bounds the RAM, 0: nothing is held."""

    def __init__(
        self,
        provider: Provider,
        budget_bytes: int,
        store: DiskStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        trimmable = provider.caps.trimmable
        self._provider: Provider | None = provider
        self._clock = clock
        self._began = clock()
        self.losses = Losses()
        self.cache = PrefixCache(provider, trimmable=trimmable, budget_bytes=budget_bytes, on_loss=self._note_eviction)
        self.budget_bytes = budget_bytes
        """What the cache may have again once memory isn't short any more."""
        self.keys = KeyRing(self.cache)
        self.store = store
        self.saved = SavedPrefixes(store, trimmable=trimmable) if store is not None and budget_bytes > 0 else None
        self._fresh: set[int] = set()  # from the disk, and not taken up yet
        self.changes = 0
        """Grows whenever something may have become worth saving."""

    def detach(self) -> None:
        """The provider is about to go, and all that it holds with it. Keys, what is saved, and what was lost stay."""
        self.cache.clear(Shortfall.UNLOADED)
        self.cache.attach(NothingHeld())
        self.keys.let_go()
        self._fresh.clear()
        self._provider = None

    def attach(self, provider: Provider) -> None:
        """The same model is there again, and holds nothing yet."""
        self.cache.attach(provider)
        self._provider = provider

    @property
    def held_bytes(self) -> int:
        """RAM that the provider says held prefixes take; none without a provider."""
        return self._provider.held_bytes() if self._provider is not None else 0

    def copy(self, prefix: Prefix) -> SavedState:
        """A held prefix as memory to be written. Raises RuntimeError without a provider: then none is held."""
        if self._provider is None:
            raise RuntimeError(f"Prefix {prefix.id} was to be saved when its model had gone.")
        return self._provider.save(prefix)

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self._clock()

    @property
    def age_s(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began

    @property
    def is_loading(self) -> bool:
        """Whether a saved prefix is on its way, or it isn't known yet what is saved."""
        if self.saved is None:
            return False
        return self.saved.is_loading or not (self.saved.is_ready or self.age_s >= SCAN_S)

    def find(self, tokens: tuple[int, ...], key_name: str | None) -> Reuse | None:
        """The best held beginning of a prompt; the key's, or the default key's, when no other has more."""
        key = self.keys.find(key_name or self.keys.default)
        return self.cache.find(tokens, None if key is None else self.keys.prefix_of(key))

    def awaits(self, tokens: tuple[int, ...]) -> str | None:
        """The id of a saved prefix that is much better than what is held; "" while it isn't known yet what is saved;
        None when there is nothing to wait for."""
        if self.saved is None:
            return None
        if not self.saved.is_ready:
            return "" if self.age_s < SCAN_S else None
        match = self.saved.find(tokens[:-1])
        held = self.cache.find(tokens)
        if match is None or match.entry.bytes > self.cache.budget_bytes:
            return None
        if match.depth - (held.depth if held else 0) < WORTH_LOADING:
            return None
        return match.entry.id

    def request(self, entry_id: str) -> None:
        """Have a saved prefix read."""
        entry = self.saved.get(entry_id) if self.saved is not None else None
        if self.saved is not None and entry is not None:
            self.saved.request(entry)

    def take_up(self, prefix: Prefix) -> Tier:
        """It is being used; where it came from."""
        self.changes += 1
        self.cache.touch(prefix)
        if self.saved is not None:
            self.saved.touch(prefix)
        if prefix.id in self._fresh:
            self._fresh.discard(prefix.id)
            return Tier.DISK
        return Tier.RAM

    def hold(self, job_id: int, tokens: tuple[int, ...]) -> None:
        """End a job and hold what it has computed, of these tokens, if there is room for that."""
        provider = self._provider
        if provider is None:
            return
        base = self.cache.find_base(tokens)
        spare = base.source if base is not None and isinstance(base.source, Prefix) else None
        if not self.cache.make_room(provider.weigh(job_id, base), spare):
            provider.cancel(job_id)
            return
        before = provider.held_bytes()
        prefix = provider.keep(job_id, base)
        if prefix is not None:
            self._add(prefix, provider.held_bytes() - before)

    def obtain_key(self, name: str, terms: KeyTerms, *, is_lease: bool = True) -> Key:
        """A key, made when it isn't there, with these terms. `is_lease`: a time that is set now is also its state's."""
        self.expire()
        key = self.keys.use(name, self.now)
        if terms.ttl_s is not None:
            key.ttl_s, key.is_lease = terms.ttl_s, is_lease
        if terms.make_default:
            self.keys.default = name
        for gone in self.keys.keep_to_bounds():
            self.keys.drop(gone.name)
        return key

    def expire(self) -> None:
        """Forget the keys whose time is up, and the prefixes of those whose caller wanted that: what a chat's own key
        held is then held like any other."""
        now = self.now
        for key in self.keys.take_due(now):
            if not key.is_lease:
                self.keys.drop(key.name)
                if self.saved is not None:
                    self.saved.drop_note(KEY + key.name)
                continue
            ago = f"the key {key.name!r} expired {now - key.used_at - (key.ttl_s or 0):.0f} s ago"
            self.forget_key(key, Shortfall.EXPIRED, f"{ago}, {key.ttl_s:g} s after its last use")

    def forget_key(self, key: Key, why: Shortfall, detail: str) -> None:
        """Drop a key and, where no other stands for it, its prefix, in RAM and on the disk."""
        prefix = self.keys.prefix_of(key)
        self.keys.drop(key.name)
        if prefix is not None and not self.cache.is_pinned(prefix):
            self.cache.drop(prefix, why)
        self.losses.note(Loss(key.tokens, why, detail))
        if self.saved is None:
            return
        note = self.saved.drop_note(KEY + key.name)
        if note is not None and all(other.entry != note.entry for other in self.saved.notes.values()):
            self.saved.delete(note.entry)

    def clear(self) -> int:
        """Forget everything, in RAM and on the disk; how many keys there were."""
        count = len(self.keys)
        for key in self.keys:
            self.keys.drop(key.name)
        self.cache.clear(Shortfall.CLEARED)
        if self.saved is not None:
            self.saved.clear()
        return count

    def view(self, key: Key) -> KeyView:
        """A key as it stands."""
        prefix, tier, size = self.keys.prefix_of(key), Tier.NONE, 0
        if prefix is not None:
            tier, size = Tier.RAM, self.cache.bytes_of(prefix)
        elif self.saved is not None and (match := self.saved.find(key.tokens)) and 2 * match.depth > len(key.tokens):
            tier, size = Tier.DISK, match.entry.bytes
        return KeyView(
            key.name, key.tokens, tier, size, key.content, key.version, key.created_at, key.used_at, key.ttl_s, key.meta
        )

    def take(self, event: DiskEvent) -> None:
        """What the store reports."""
        saved = self.saved
        if saved is None:
            return
        self.changes += 1
        match event:
            case Found():
                saved.begin(event)
                self._find_keys(saved)
            case Saved():
                saved.take_saved(event)
            case NotSaved():
                pass  # logged by the store; it is tried again when it has grown, and at the end
            case Loaded(entry_id, state):
                self._take_loaded(saved, Loaded(entry_id, state))
            case NotLoaded(_, reason):
                entry = saved.take_not_loaded(event)
                if entry is not None:
                    self.losses.note(Loss(entry.tokens, Shortfall.UNREADABLE, reason))
            case Gone():
                saved.take_gone(event)

    def _take_loaded(self, saved: SavedPrefixes, loaded: Loaded) -> None:
        entry, provider = saved.take_loaded(loaded.entry_id), self._provider
        if entry is None or provider is None or not self.cache.make_room(loaded.state.size):
            return
        before = provider.held_bytes()
        prefix = provider.restore(loaded.state)
        if prefix is None:
            saved.delete(entry.id)
            self.losses.note(Loss(entry.tokens, Shortfall.UNREADABLE, "it is none of this model's"))
            return
        self._fresh.add(prefix.id)
        self._add(prefix, provider.held_bytes() - before)

    def _add(self, prefix: Prefix, size: int) -> None:
        self.cache.add(prefix, size)
        self.changes += 1
        for key in self.keys:
            if self.keys.prefix_of(key) is None and key.tokens:
                self.keys.pin(key)

    def _find_keys(self, saved: SavedPrefixes) -> None:
        """Keys of before, but those of the same name that are there by now."""
        for name, note in saved.notes.items():
            entry = saved.get(note.entry)
            if name.startswith(KEY) and entry is not None:
                key = read_note(name.removeprefix(KEY), note, entry.tokens)
                if key is not None:
                    self.keys.restore(key)
        self.expire()

    def _note_eviction(self, tokens: tuple[int, ...], why: Shortfall) -> None:
        self.losses.note(Loss(tokens, why))
