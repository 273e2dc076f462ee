from __future__ import annotations

import sys
from pathlib import Path

import pytest

import build_machine
from build_machine import choose_jobs, describe_compiler, find_compiler, parse_cpuinfo

GIB = 1 << 30
ARM = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n\nprocessor\t: 1\nCPU part\t: 0xd0b\n"
X86 = "processor\t: 0\nmodel name\t: Xeon(R) 2.10GHz\nflags\t\t: fpu avx2\n"


def put_tool(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_first_compiler_on_path_is_found(tmp_path: Path) -> None:
    put_tool(tmp_path, "clang++", "exit 0")
    found = put_tool(tmp_path, "g++", "exit 0")
    assert find_compiler({"PATH": str(tmp_path)}) == [str(found)]


def test_a_named_compiler_wins_and_may_carry_arguments(tmp_path: Path) -> None:
    put_tool(tmp_path, "g++", "exit 0")
    put_tool(tmp_path, "ccache", "exit 0")
    assert find_compiler({"PATH": str(tmp_path), "CXX": "ccache g++ -m64"}) == ["ccache", "g++", "-m64"]


@pytest.mark.parametrize("named", ["", "no-such-compiler"])
def test_no_compiler_is_told_as_none(tmp_path: Path, named: str) -> None:
    assert find_compiler({"PATH": str(tmp_path), "CXX": named}) is None


def test_another_instruction_set_is_another_description(tmp_path: Path) -> None:
    old = put_tool(tmp_path, "old", "echo '#define __AVX2__ 1'")
    new = put_tool(tmp_path, "new", "echo '#define __AVX2__ 1'; echo '#define __AVX512F__ 1'")
    assert describe_compiler([str(old)]) == "#define __AVX2__ 1"
    assert describe_compiler([str(new)]) == "#define __AVX2__ 1 #define __AVX512F__ 1"


def test_a_compiler_that_cannot_tell_is_described_by_nothing(tmp_path: Path) -> None:
    assert describe_compiler([str(put_tool(tmp_path, "mute", "exit 1"))]) == ""
    assert describe_compiler([str(tmp_path / "missing")]) == ""


@pytest.mark.parametrize(("cpuinfo", "name"), [(X86, "Xeon(R) 2.10GHz"), (ARM, "0x41 0xd08"), ("", "")])
def test_the_processor_is_named_as_linux_tells_it(cpuinfo: str, name: str) -> None:
    assert parse_cpuinfo(cpuinfo) == name


def test_this_machine_names_its_processor_cores_and_memory() -> None:
    assert build_machine.cpu_model()
    assert build_machine.usable_cores() >= 1
    if sys.platform != "win32":
        assert (build_machine.memory_bytes() or 0) > GIB // 4


@pytest.mark.parametrize(
    ("cores", "memory", "jobs"), [(2, 8 * GIB, 2), (16, 4 * GIB, 4), (4, GIB // 2, 1), (8, None, 8), (0, None, 1)]
)
def test_as_many_compilers_run_as_cores_and_memory_allow(cores: int, memory: int | None, jobs: int) -> None:
    assert choose_jobs(cores, memory) == jobs
