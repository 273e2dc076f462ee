"""What this machine has of memory for a model. `read_memory` looks; the rest is arithmetic.

The endpoint inherits the limits of the process that starts it: what is free is what it will find so.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoint.memory_limits import MemoryLimit, read_limits

_LARGE_MAC = 36 << 30
"""From this size on macOS lets a GPU keep three quarters of the memory resident, below it two thirds."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: in all, what can be taken now without swapping, and the most that a model may take at any time.

    `unified`: the GPU computes in this memory (Apple silicon), which needs smaller buffers. Memory of other graphics
    cards isn't looked at.
    """

    total_bytes: int
    available_bytes: int
    limit_bytes: int
    unified: bool = False

    @property
    def free_bytes(self) -> int:
        """What a model may take now."""
        return min(self.available_bytes, self.limit_bytes)

    def after_freeing(self, count: int) -> Memory:
        """As it will be once a model that runs now has given back its `count` bytes."""
        return replace(self, available_bytes=min(self.total_bytes, self.available_bytes + max(0, count)))

    def within(self, limits: Iterable[MemoryLimit]) -> Memory:
        """As far as these limits let a new process have it: it has its own share whole of a limit that isn't shared."""
        memory = self
        for limit in limits:
            left = limit.left_bytes if limit.kind.is_shared else limit.limit_bytes
            memory = replace(
                memory,
                total_bytes=min(memory.total_bytes, limit.limit_bytes),
                available_bytes=min(memory.available_bytes, left),
                limit_bytes=min(memory.limit_bytes, limit.limit_bytes),
            )
        return memory


def read_memory() -> Memory:
    """This machine's, as far as a process started now may have it."""
    import psutil

    found = psutil.virtual_memory()
    is_apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return make_memory(int(found.total), int(found.available), is_apple=is_apple).within(read_limits())


def make_memory(total_bytes: int, available_bytes: int, *, is_apple: bool) -> Memory:
    """On Apple silicon the limit is what the system recommends that a GPU keep resident."""
    limit = total_bytes
    if is_apple:
        limit = total_bytes * 3 // 4 if total_bytes >= _LARGE_MAC else total_bytes * 2 // 3
    return Memory(total_bytes, available_bytes, limit, unified=is_apple)
