"""Limits as the kernel's files tell them; a real limit, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from endpoint.memory_limits import LimitKind, MemoryLimit, read_limits

GIB = 1 << 30


def write_group(folder: Path, names: tuple[str, str], limit: str, used: int, stat: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(stat)


def groups_of(tmp_path: Path, line: str) -> list[MemoryLimit]:
    process = tmp_path / "self"
    process.mkdir()
    (process / "cgroup").write_text(f"12:cpuset:/elsewhere\n{line}\n")
    return [limit for limit in read_limits(process, tmp_path / "groups") if limit.kind is LimitKind.GROUP]


V2 = ("memory.max", "memory.current")
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def test_the_second_version_s_groups_bind_all_that_are_below_them(tmp_path: Path) -> None:
    top, groups = tmp_path / "groups" / "app.slice", tmp_path / "groups"
    write_group(groups, V2, "max", 9 * GIB, "")
    write_group(top, V2, str(4 * GIB), 3 * GIB, "anon 5\ninactive_file 1073741824\nactive_file 0\n")
    write_group(top / "m.service", V2, str(2 * GIB), GIB, "")
    limits = groups_of(tmp_path, "0::/app.slice/m.service")
    assert [(limit.limit_bytes, limit.left_bytes) for limit in limits] == [(2 * GIB, GIB), (4 * GIB, 2 * GIB)]


def test_the_first_version_s_group_is_read_from_its_own_tree(tmp_path: Path) -> None:
    group = tmp_path / "groups" / "memory" / "docker" / "abc"
    write_group(group, V1, str(GIB), GIB // 2, "total_inactive_file 0\ntotal_active_file 0\n")
    write_group(tmp_path / "groups" / "memory", V1, "9223372036854771712", 1, "")
    limits = groups_of(tmp_path, "4:memory:/docker/abc")
    assert limits == [MemoryLimit(LimitKind.GROUP, GIB, GIB // 2)]


def test_in_a_container_that_does_not_see_its_own_folder_the_root_counts(tmp_path: Path) -> None:
    write_group(tmp_path / "groups" / "memory", V1, str(GIB), 0, "")
    assert groups_of(tmp_path, "4:memory:/docker/abc") == [MemoryLimit(LimitKind.GROUP, GIB, 0)]


def test_what_is_taken_beyond_a_limit_leaves_nothing(tmp_path: Path) -> None:
    write_group(tmp_path / "groups", V2, str(GIB), 2 * GIB, "")
    assert [limit.left_bytes for limit in groups_of(tmp_path, "0::/")] == [0]


def test_a_system_without_these_files_has_no_groups(tmp_path: Path) -> None:
    assert read_limits(tmp_path / "self", tmp_path / "groups") == ()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what of a resource limit is taken")
@pytest.mark.parametrize("name", ["AS", "DATA"])
def test_a_resource_limit_is_told_with_what_is_taken_of_it(name: str) -> None:
    program = (
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_{name}, ({GIB}, {GIB}))\n"
        "from endpoint.memory_limits import LimitKind, read_limits\n"
        "[limit] = [each for each in read_limits() if each.kind is not LimitKind.GROUP]\n"
        "print(limit.kind.name, limit.limit_bytes, 0 < limit.used_bytes < limit.limit_bytes)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    kind = {"AS": "ADDRESS_SPACE", "DATA": "DATA"}[name]
    assert done.stdout.split() == [kind, str(GIB), "True"]
