"""Deletes a model: what belongs to it is planned first, and told; then it goes. Any thread.

Invariant: only files below the hub's cache or the app's own folder are ever planned, by their real places. In the cache
a content goes when no snapshot that stays leads to it; of a repository without any snapshot left all goes.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tray.errors import ModelsError

_PART = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5}\.gguf)", re.IGNORECASE)
_LOCKS = ".locks"


@dataclass(frozen=True, slots=True)
class Removal:
    """What would go. `files`: in the order in which they are deleted, links before what they lead to; `folders`: whole
    trees, after them. `freed_bytes`: what the disk gets back; `kept_bytes`: contents that stay, as others use them."""

    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    freed_bytes: int
    kept_bytes: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Files and folders as texts."""
        return tuple(str(path) for path in (*self.files, *self.folders))

    def holds(self, model: str) -> bool:
        """Whether a model that is served, by its path, its repository's name or its file's, is among it."""
        if not model:
            return False
        places = (Path(model), Path(model).resolve())
        if any(place.is_relative_to(path) for place in places for path in (*self.files, *self.folders)):
            return True
        inside = (path for folder in self.folders for path in folder.rglob("*.gguf"))
        named = {path.stem for path in (*self.files, *inside)} | {path.name for path in self.folders}
        return model in named or f"models--{model.replace('/', '--')}" in named


def plan_repository(hub: Path, repo: str) -> Removal | None:
    """All of a repository in the hub's cache; None where there is nothing of it."""
    home = _find_home(hub, repo)
    if not home.is_dir() or home.is_symlink():
        return None
    locks = hub / _LOCKS / home.name
    return Removal((), (home, *([locks] if locks.is_dir() else [])), _measure_tree(home))


def plan_files(hub: Path, repo: str, names: Iterable[str]) -> Removal | None:
    """These files of a repository (relative to a snapshot), in all its snapshots; None where there are none of them."""
    home, wanted = _find_home(hub, repo), set(names)
    pointers = [path for path in _list_pointers(home) if _name_pointer(home, path) in wanted]
    if not pointers:
        return None
    staying = [path for path in _list_pointers(home) if _name_pointer(home, path) not in wanted]
    if not staying:
        return plan_repository(hub, repo)
    used = {_find_blob(home, path) for path in staying}
    blobs = {blob for path in pointers if (blob := _find_blob(home, path))}
    freed = sum(_measure(path) for path in (*pointers, *(blobs - used)))
    kept = sum(_measure(blob) for blob in blobs & used)
    return Removal((*pointers, *sorted(blobs - used)), (), freed, kept)


def plan_own(own: Path, path: Path) -> Removal | None:
    """A model in the app's own folder: a file, all parts of a split one, or a folder. None where it lies elsewhere."""
    root, place = own.resolve(), path.parent.resolve() / path.name
    if not place.is_relative_to(root) or place == root:
        return None
    if place.is_dir() and not place.is_symlink():
        return Removal((), (place,), _measure_tree(place))
    part = _PART.fullmatch(place.name)
    parts = [each for each in place.parent.iterdir() if _is_part(each.name, part)] if part else [place]
    return Removal(tuple(sorted(parts)), (), sum(_measure(each) for each in parts))


def list_parts(path: Path) -> tuple[str, ...]:
    """The names of all parts of a split model beside this one; its own name for any other."""
    part = _PART.fullmatch(path.name)
    if part is None:
        return (path.name,)
    return tuple(sorted(each.name for each in path.parent.iterdir() if _is_part(each.name, part)))


def remove(removal: Removal) -> None:
    """Delete it. Raises ModelsError when something stays."""
    try:
        for path in removal.files:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()  # a snapshot with nothing left in it
        for folder in removal.folders:
            shutil.rmtree(folder)
    except OSError as error:
        raise ModelsError(f"{error.filename}: can't be deleted: {error.strerror or error}") from error


def _find_home(hub: Path, repo: str) -> Path:
    return hub / f"models--{repo.replace('/', '--')}"


def _list_pointers(home: Path) -> Iterator[Path]:
    snapshots = home / "snapshots"
    with contextlib.suppress(OSError):
        yield from sorted(path for path in snapshots.rglob("*") if path.is_symlink() or path.is_file())


def _name_pointer(home: Path, path: Path) -> str:
    """Its name without the snapshot's."""
    return "/".join(path.relative_to(home / "snapshots").parts[1:])


def _find_blob(home: Path, pointer: Path) -> Path | None:
    """What it leads to, if that is a content of the same repository."""
    if not pointer.is_symlink():
        return None
    target = pointer.parent / pointer.readlink()
    blobs = (home / "blobs").resolve()
    is_ours = target.parent.resolve() == blobs
    return blobs / target.name if is_ours and (blobs / target.name).exists() else None


def _is_part(name: str, part: re.Match[str] | None) -> bool:
    other = _PART.fullmatch(name)
    return part is not None and other is not None and other.groups() == part.groups()


def _measure(path: Path) -> int:
    """Bytes that deleting it gives back: none for a link, or for a file that has other names."""
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 else 0


def _measure_tree(folder: Path) -> int:
    return sum(_measure(path) for path in folder.rglob("*"))
