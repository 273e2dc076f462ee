from __future__ import annotations

import psutil
import pytest

from endpoint.memory_limits import LimitKind, MemoryLimit
from tray.models.memory import Memory, make_memory, read_memory

GIB = 1 << 30


def test_this_machines_memory_is_read() -> None:
    found = read_memory()
    assert found.total_bytes == psutil.virtual_memory().total
    assert 0 < found.free_bytes <= found.total_bytes


@pytest.mark.parametrize(("total", "limit"), [(16 * GIB, 16 * GIB * 2 // 3), (64 * GIB, 48 * GIB)])
def test_apple_silicon_keeps_some_of_its_memory_from_the_gpu(total: int, limit: int) -> None:
    found = make_memory(total, total, is_apple=True)
    assert found.free_bytes == limit
    assert found.unified


def test_what_is_available_bounds_what_is_free() -> None:
    assert make_memory(64 * GIB, 5 * GIB, is_apple=True).free_bytes == 5 * GIB
    assert make_memory(64 * GIB, 5 * GIB, is_apple=False).limit_bytes == 64 * GIB


def test_a_model_that_is_stopped_gives_its_memory_back() -> None:
    memory = Memory(16 * GIB, 4 * GIB, 16 * GIB)
    assert memory.after_freeing(3 * GIB).free_bytes == 7 * GIB
    assert memory.after_freeing(99 * GIB).free_bytes == 16 * GIB
    assert memory.after_freeing(-1).free_bytes == 4 * GIB


def test_a_group_leaves_what_others_in_it_have_not_taken_and_a_process_has_its_own_limit_whole() -> None:
    memory = Memory(64 * GIB, 32 * GIB, 64 * GIB)
    group = MemoryLimit(LimitKind.GROUP, 8 * GIB, 5 * GIB)
    own = MemoryLimit(LimitKind.DATA, 4 * GIB, 3 * GIB)
    assert memory.within([group]) == Memory(8 * GIB, 3 * GIB, 8 * GIB)
    assert memory.within([own]).free_bytes == 4 * GIB
    assert memory.within([]) == memory
