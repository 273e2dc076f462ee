"""Built wheels in the user's cache directory: one folder a build, named by all that makes it valid here.

Layout of <cache>/traypoint/llama-cpp-python/:
    <version>-<key>/*.whl   a finished wheel, with key.txt telling what the key was made of
    sdist/                  upstream's source archives, so that a second build downloads nothing
    build.log               the output of the last build from source
    lock                    held while something is added
    part-*/                 a build in progress; what a killed one left is removed by the next

Invariant: a folder named by a key is complete, because it is put there by one rename.
Owner: any process; writers hold the lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


def user_cache_dir(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """The platform's cache directory for this app. `platform` is sys.platform."""
    if platform == "darwin":
        return home / "Library" / "Caches" / "traypoint"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "traypoint" / "Cache"
    named = environment.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else home / ".cache") / "traypoint"  # noqa: PTH117 (a str until proven)


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a wheel valid here, by name: version, flags, platform, compiler, CPU…"""

    version: str
    parts: Mapping[str, str]

    def describe(self) -> str:
        """One line a part, in a fixed order."""
        return "".join(f"{name}: {value}\n" for name, value in sorted(self.parts.items()))

    def folder(self) -> str:
        """The folder's name: readable version, short hash of the rest."""
        digest = hashlib.sha256(f"{self.version}\n{self.describe()}".encode()).hexdigest()
        return f"{self.version}-{digest[:16]}"


@dataclass(frozen=True, slots=True)
class WheelCache:
    """The wheels under `root`; see the module for the layout. Another `pattern` keeps another kind of built file."""

    root: Path
    pattern: str = "*.whl"

    def find(self, key: Key) -> Path | None:
        """The finished wheel for this key, or None."""
        return next(iter((self.root / key.folder()).glob(self.pattern)), None)

    def keep(self, key: Key, wheel: Path, staging: Path) -> Path:
        """Move `wheel` in under its key, at once or not at all, and return its new path."""
        ready = staging / "ready"
        ready.mkdir()
        (ready / "key.txt").write_text(key.describe(), encoding="utf-8")
        wheel.replace(ready / wheel.name)
        target = self.root / key.folder()
        shutil.rmtree(target, ignore_errors=True)  # only ever one without a wheel in it: see find
        ready.replace(target)
        return target / wheel.name

    @contextlib.contextmanager
    def adding(self, say_waiting: Callable[[], None]) -> Iterator[Path]:
        """Hold the lock and yield a staging folder that is gone afterwards; waits for another build."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+b") as lock:
            if not _try_lock(lock):
                say_waiting()
                _wait_for_lock(lock)
            for left in self.root.glob("part-*"):
                shutil.rmtree(left, ignore_errors=True)
            staging = Path(tempfile.mkdtemp(prefix="part-", dir=self.root))
            try:
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)


# The operating system drops both kinds of lock when their process ends, however it ends.
if sys.platform == "win32":
    import msvcrt

    def _try_lock(lock: IO[bytes]) -> bool:
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(lock: IO[bytes]) -> None:
        while not _try_lock(lock):  # LK_LOCK gives up after ten tries; a build takes minutes
            with contextlib.suppress(OSError):
                msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
                return

else:
    import fcntl

    def _try_lock(lock: IO[bytes]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(lock: IO[bytes]) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)
