"""Does what the prompt-cache control plane asks for, between two steps. Engine thread only.

An answer, or the RequestError in its place, goes to whoever asked; only a save by name answers later, when it is on the
disk or can't be.
"""

from __future__ import annotations

from collections.abc import Callable

from endpoint.cache.disk.store import DiskEvent, NotSaved, Saved
from endpoint.cache.key_notes import SAVE, read_note, write_note
from endpoint.cache.keys import Key, merge_meta
from endpoint.cache.report import Shortfall
from endpoint.cache.saved import SavedPrefixes
from endpoint.engine.commands import Control
from endpoint.engine.control import (
    Action,
    ChangeKey,
    ClearKeys,
    DeleteSaved,
    ForkKey,
    KeysView,
    KeyView,
    ListKeys,
    ListSaved,
    LoadKey,
    ReadKey,
    SavedView,
    SaveKey,
    SetKey,
)
from endpoint.engine.tiers import PrefixTiers
from endpoint.errors import InvalidRequest, PromptCacheRefused, RequestError, StateNotKept
from endpoint.text.merging import merge_content

Answer = Callable[[object], None]


class KeyDesk:
    """Owns the saves that aren't on the disk yet. None of this needs a model: it works while there is none."""

    def __init__(self, tiers: PrefixTiers) -> None:
        self._tiers = tiers
        self._saving: list[tuple[str, SaveKey, Key, Answer]] = []

    def take(self, command: Control) -> None:
        """Do it, and answer."""
        self._tiers.expire()
        try:
            if isinstance(command.action, SaveKey):
                self._begin_save(command.action, command.answer)
            else:
                command.answer(self._obey(command.action))
        except RequestError as error:
            command.answer(error)
        self._tiers.changes += 1

    def hear(self, event: DiskEvent) -> None:
        """What came of a save."""
        if not isinstance(event, (Saved, NotSaved)):
            return
        entry_id = event.entry.id if isinstance(event, Saved) else event.entry_id
        for waiting in [each for each in self._saving if each[0] == entry_id]:
            self._saving.remove(waiting)
            _, action, key, answer = waiting
            if isinstance(event, Saved):
                answer(self._note(action.name, key, event.entry.id))
            else:
                answer(StateNotKept(f"The key {action.key!r} could not be saved: {event.reason}."))

    def give_up(self, error: RequestError) -> None:
        """Nothing will come any more."""
        for _, _, _, answer in self._saving:
            answer(error)
        self._saving.clear()

    def _obey(self, action: Action[object]) -> object:
        match action:
            case ReadKey(name):
                return self._view(self._tiers.keys.find(name))
            case SetKey(name, terms):
                key = self._tiers.obtain_key(name, terms)
                return self._tiers.view(key)
            case ForkKey():
                return self._fork(action)
            case ChangeKey():
                return self._change(action)
            case ClearKeys(name):
                return self._clear(name)
            case ListKeys():
                return self._list()
            case LoadKey():
                return self._load(action)
            case ListSaved():
                return self._list_saved()
            case DeleteSaved(name):
                return self._delete_saved(name)
        raise InvalidRequest(f"{type(action).__name__} is nothing that the engine can do.")

    def _view(self, key: Key | None) -> KeyView | None:
        return None if key is None else self._tiers.view(key)

    def _fork(self, action: ForkKey) -> KeyView | None:
        """No state is copied: both pin the same prefix, and part when one of them goes on."""
        source = self._tiers.keys.find(action.source)
        if source is None:
            return None
        source.used_at = self._tiers.now
        target = self._tiers.obtain_key(action.target, action.terms)
        if target is not source:
            target.content, target.is_prepared = source.content, source.is_prepared
            target.meta = merge_meta(source.meta, {"forked_from": source.name})
            self._tiers.keys.stand_for(target, source.tokens)
        return self._tiers.view(target)

    def _change(self, action: ChangeKey) -> KeyView | None:
        key = self._tiers.keys.find(action.name)
        if key is None or action.version not in (None, key.version):
            return self._view(key)
        if action.content is not None:
            key.content = merge_content(key.content, action.content) if action.appends else action.content
            key.version += 1
        key.meta = merge_meta(key.meta, action.meta)
        return self._tiers.view(key)

    def _clear(self, name: str | None) -> int:
        if name is None:
            return self._tiers.clear()
        key = self._tiers.keys.find(name)
        if key is None:
            return 0
        self._tiers.forget_key(key, Shortfall.CLEARED, f"the key {name!r} was cleared")
        return 1

    def _list(self) -> KeysView:
        store = self._tiers.store
        return KeysView(
            keys=tuple(self._tiers.view(key) for key in self._tiers.keys),
            default_key=self._tiers.keys.default,
            ram_bytes=self._tiers.held_bytes,
            ram_budget=self._tiers.cache.budget_bytes,
            disk_bytes=store.bytes if store is not None else 0,
            disk_budget=store.budget_bytes if store is not None else 0,
            disk_entries=len(self._tiers.saved) if self._tiers.saved is not None else 0,
        )

    def _begin_save(self, action: SaveKey, answer: Answer) -> None:
        saved = self._disk()
        key = self._tiers.keys.find(action.key)
        if key is None:
            raise PromptCacheRefused(f"There is no key {action.key!r}.", "prompt_cache_missing_key", 404, "key")
        prefix = self._tiers.keys.prefix_of(key)
        if prefix is not None:
            self._saving.append((saved.save(self._tiers.copy(prefix)), action, key, answer))
            return
        match = saved.find(key.tokens)
        if match is None or 2 * match.depth <= len(key.tokens):
            raise StateNotKept(f"Nothing that is computed is held for the key {action.key!r}: use it, then save it.")
        answer(self._note(action.name, key, match.entry.id))

    def _note(self, name: str, key: Key, entry_id: str) -> SavedView:
        saved = self._disk()
        entry = saved.get(entry_id)
        if entry is None:
            raise StateNotKept(f"What was saved of the key {key.name!r} is gone again: the disk's budget is too small.")
        note = write_note(SAVE + name, key, (entry.id, entry.tokens), self._tiers.now)
        saved.note(note)
        return SavedView(name, len(entry.tokens), entry.bytes, note.saved_at_s, usable=True)

    def _load(self, action: LoadKey) -> KeyView | None:
        saved = self._disk()
        note = saved.notes.get(SAVE + action.name)
        entry = saved.get(note.entry) if note is not None else None
        if note is None or entry is None:
            return None
        found = read_note(action.key, note, entry.tokens)
        if found is None:
            return None
        key = self._tiers.obtain_key(action.key, action.terms)
        key.content, key.meta, key.is_prepared = found.content, found.meta, True
        self._tiers.keys.stand_for(key, found.tokens)
        return self._tiers.view(key)

    def _list_saved(self) -> tuple[SavedView, ...]:
        saved = self._disk()
        views = []
        for name, note in saved.notes.items():
            entry = saved.get(note.entry)
            if name.startswith(SAVE):
                size, count = (entry.bytes, len(entry.tokens)) if entry is not None else (0, 0)
                views.append(SavedView(name.removeprefix(SAVE), count, size, note.saved_at_s, entry is not None))
        return tuple(views)

    def _delete_saved(self, name: str) -> bool:
        saved = self._disk()
        note = saved.drop_note(SAVE + name)
        if note is not None and all(other.entry != note.entry for other in saved.notes.values()):
            saved.delete(note.entry)
        return note is not None

    def _disk(self) -> SavedPrefixes:
        if self._tiers.saved is None:
            raise StateNotKept("Nothing is kept on disk here: start the endpoint without --cache-disk 0.")
        return self._tiers.saved
