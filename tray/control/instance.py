"""The running app: a lock that only one can hold, and a file that says where it can be reached.

The lock is the operating system's, so it goes with the process however that ends; the file may be left over, and is
believed only as far as something answers there that knows its token.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tray.reading import count, member, parse, text
from tray.settings import write_atomically


@dataclass(frozen=True, slots=True)
class Instance:
    """Where the running app listens on loopback, and the word that proves that one may speak to it."""

    pid: int
    port: int
    token: str


class InstanceLock:
    """Held from a successful `acquire` until `release` or the process's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """False when another process holds it. Raises OSError where the file can't be made."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if _try_lock(descriptor):
            self._descriptor = descriptor
            return True
        os.close(descriptor)
        return False

    def release(self) -> None:
        """Let another one have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def write_instance(path: Path, instance: Instance) -> None:
    """For the command line to find; readable by its owner only, as temporary files are. Raises SettingsError."""
    write_atomically(path, json.dumps(asdict(instance)))


def read_instance(path: Path) -> Instance | None:
    """What was written last; None where nothing makes sense there."""
    try:
        said = parse(path.read_bytes())
    except OSError:
        return None
    found = Instance(count(member(said, "pid")), count(member(said, "port")), text(member(said, "token")))
    return found if found.pid and 0 < found.port < 1 << 16 and found.token else None


def is_alive(instance: Instance) -> bool:
    """False where its process is known to have gone. Windows isn't asked: signal 0 would end the process there."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(instance.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's: not ours, but alive
        return True
    except OverflowError:
        return False
    return True


def forget_instance(path: Path, instance: Instance) -> None:
    """Take the file away, unless it is another app's by now."""
    if read_instance(path) == instance:
        with contextlib.suppress(OSError):
            path.unlink()


def _try_lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        lock, how = msvcrt.locking, msvcrt.LK_NBLCK
        try:
            lock(descriptor, how, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
