"""What the figures were measured on. Reads only."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import psutil

import build_machine

GIB = 1 << 30


def describe_machine(model: Path, threads: int, rounds: int, software: Mapping[str, str]) -> dict[str, str]:
    """What a reader needs to judge or repeat the figures, by name; `software`: what else is told of the contenders."""
    cores = psutil.cpu_count(logical=False) or 1
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": f"{build_machine.cpu_model()}, {cores} cores, {build_machine.usable_cores()} usable here",
        "memory": f"{psutil.virtual_memory().total / GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "model": f"{model.name}, {_count_bytes(model) / (1 << 20):.0f} MiB",
        "threads": str(threads),
        "rounds": str(rounds),
        **software,
    }


def describe_llamacpp() -> dict[str, str]:
    """What `make bench` compares."""
    library = version("llama-cpp-python")
    return {
        "compiler": _first_line(build_machine.find_compiler(os.environ)),
        "Traypoint": f"{version('traypoint')} ({_revision()}), llama-cpp-python {library}",
        "llama-server": f"from the source inside llama-cpp-python {library}, same compiler and flags",
    }


def describe_mlx() -> dict[str, str]:
    """What `make bench PROVIDER=mlx` compares."""
    library = f"mlx-lm {version('mlx-lm')}, mlx {version('mlx')}"
    return {
        "Traypoint": f"{version('traypoint')} ({_revision()}), {library}",
        "mlx_lm.server": f"{library}, the same OpenBLAS, kernels and threads as Traypoint",
    }


def _count_bytes(model: Path) -> int:
    """Of a file, or of a folder's files."""
    files = model.iterdir() if model.is_dir() else (model,)
    return sum(file.stat().st_size for file in files)


def _first_line(command: list[str] | None) -> str:
    if not command:
        return "unknown"
    asked = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    return (asked.stdout.splitlines() or ["unknown"])[0]


def _revision() -> str:
    """The commit, with a plus sign when files differ from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "no git"
