"""What the machine brings to a build: its C++ compiler, processor, cores and memory. Asks, changes nothing."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BYTES_PER_JOB = 1 << 30
"""What one compiler process may need; the largest file of the build takes about 0.7 GiB."""

COMPILER_HINTS = {
    "linux": "install one: sudo apt install g++ (Debian, Ubuntu), sudo dnf install gcc-c++ (Fedora), "
    "sudo pacman -S gcc (Arch)",
    "darwin": "install Apple's: xcode-select --install",
    "win32": 'install "Desktop development with C++" from the Visual Studio Build Tools',
}


def find_compiler(environment: Mapping[str, str]) -> list[str] | None:
    """The command of the C++ compiler that CMake will use, or None. $CXX may carry arguments ("ccache g++")."""
    named = shlex.split(environment.get("CXX", ""))
    if named:
        return named if shutil.which(named[0], path=environment.get("PATH")) else None
    found = (shutil.which(name, path=environment.get("PATH")) for name in ("c++", "g++", "clang++"))
    return next(([path] for path in found if path), None)


def describe_compiler(command: list[str]) -> str:
    """All that the compiler predefines for this processor: its version and every instruction set it will use.

    Code built -march=native must not meet another processor, and within one name ("Xeon") a virtual machine may offer
    fewer instructions than the last one did. Empty when the compiler can't tell (MSVC).
    """
    question = [*command, "-march=native", "-dM", "-E", "-x", "c++", "-"]
    try:
        answer = subprocess.run(question, input="", capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return " ".join(sorted(answer.stdout.splitlines())) if answer.returncode == 0 else ""


def cpu_model() -> str:
    """The processor's name as its system tells it; "unknown" when it doesn't."""
    if sys.platform == "linux":
        return parse_cpuinfo(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")) or platform.machine()
    if sys.platform == "darwin":
        asked = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip() or platform.machine()
    return platform.processor() or "unknown"


def parse_cpuinfo(text: str) -> str:
    """The first processor's name in /proc/cpuinfo: x86 has a model name, ARM numbers for implementer and part."""
    wanted = ("model name", "CPU implementer", "CPU part", "CPU variant")
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in wanted:
            found.setdefault(name.strip(), value.strip())
    return " ".join(found.values())


def choose_jobs(cores: int, memory_bytes: int | None) -> int:
    """How many compilers at once: one a core, but no more than memory holds."""
    if memory_bytes is None:
        return max(1, cores)
    return max(1, min(cores, memory_bytes // BYTES_PER_JOB))


def usable_cores() -> int:
    """The cores this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes() -> int | None:
    """The machine's memory, or None where Python can't ask for it (Windows)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
