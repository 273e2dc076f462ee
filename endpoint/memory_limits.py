"""What bounds this process's memory besides the machine: resource limits and control groups. Reads only; any thread.

Standard library only, no side effects: the tray imports it too, for its endpoint inherits these limits
(docs/adr/0021-memory-limits.md). Where a system has none of these, there are none to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

PROCESS = Path("/proc/self")
GROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60
"""Version 1 of control groups writes "no limit" as a number near 2^63."""


class LimitKind(Enum):
    """What sets a limit."""

    ADDRESS_SPACE = auto()  # RLIMIT_AS, of each process
    DATA = auto()  # RLIMIT_DATA, of each process
    GROUP = auto()  # a control group: a container, a service, a slice

    @property
    def is_shared(self) -> bool:
        """Whether all processes that have this limit have it together."""
        return self is LimitKind.GROUP


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """Bytes: the most there may be, and what of it is taken now, but for what the system can take back at once."""

    kind: LimitKind
    limit_bytes: int
    used_bytes: int

    @property
    def left_bytes(self) -> int:
        """What this process may still take."""
        return max(0, self.limit_bytes - self.used_bytes)


@dataclass(frozen=True, slots=True)
class _Names:
    """A control group's files, by the version of control groups."""

    limit: str
    used: str
    reclaimable: tuple[str, ...]


_VERSION_1 = _Names("memory.limit_in_bytes", "memory.usage_in_bytes", ("total_inactive_file", "total_active_file"))
_VERSION_2 = _Names("memory.max", "memory.current", ("inactive_file", "active_file"))


def read_limits(process: Path = PROCESS, groups: Path = GROUPS) -> tuple[MemoryLimit, ...]:
    """All limits that bind this process, in no order."""
    return (*_read_process_limits(process), *_read_group_limits(process, groups))


def _read_process_limits(process: Path) -> Iterator[MemoryLimit]:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    used = _read_fields(process / "status", factor=1024)  # Linux; elsewhere nothing says what of a limit is taken
    for kind, number, field in (
        (LimitKind.ADDRESS_SPACE, resource.RLIMIT_AS, "VmSize:"),
        (LimitKind.DATA, resource.RLIMIT_DATA, "VmData:"),
    ):
        soft, _ = resource.getrlimit(number)
        if soft != resource.RLIM_INFINITY and field in used:
            yield MemoryLimit(kind, soft, used[field])


def _read_group_limits(process: Path, groups: Path) -> Iterator[MemoryLimit]:
    """Of the process's group and of those around it: each binds."""
    for line in _read(process / "cgroup").splitlines():
        _, controllers, place = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            root, names = groups, _VERSION_2
        elif "memory" in controllers.split(","):
            root, names = groups / "memory", _VERSION_1
        else:
            continue
        own = root / place.lstrip("/")  # in a container it may name a place outside: then only the root is there
        for folder in (own, *own.parents[: len(own.parts) - len(root.parts)]):
            limit = _read_group(folder, names)
            if limit is not None:
                yield limit


def _read_group(folder: Path, names: _Names) -> MemoryLimit | None:
    limit, used = _read(folder / names.limit).strip(), _read(folder / names.used).strip()
    if not limit.isdecimal() or not used.isdecimal() or int(limit) >= _UNLIMITED:
        return None
    fields = _read_fields(folder / "memory.stat")
    reclaimable = sum(fields.get(name, 0) for name in names.reclaimable)
    return MemoryLimit(LimitKind.GROUP, int(limit), max(0, int(used) - reclaimable))


def _read_fields(path: Path, factor: int = 1) -> dict[str, int]:
    """Lines of a name and a number."""
    rows = (line.split() for line in _read(path).splitlines())
    return {row[0]: int(row[1]) * factor for row in rows if len(row) > 1 and row[1].isdecimal()}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):  # not this system, or not for us to see
        return ""
