"""What this machine has for a model: memory, a graphics card, disk, processors. `read_machine` looks; it blocks."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tray.models.memory import Memory, read_memory

_ASK_CARD = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
_ASK_CARD_S = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes; `card_bytes`: memory of the largest NVIDIA card, 0 without one; `disk_bytes`: free where models are kept;
    `cores`: processors."""

    memory: Memory
    card_bytes: int
    disk_bytes: int
    cores: int


def read_machine(folder: Path) -> Machine:
    """This one, now; `folder`: where models are kept, there or not yet."""
    return Machine(read_memory(), _read_card(), _read_disk(folder), os.cpu_count() or 1)


def _read_disk(folder: Path) -> int:
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0


def _read_card() -> int:
    if shutil.which(_ASK_CARD[0]) is None:
        return 0
    try:
        done = subprocess.run(_ASK_CARD, capture_output=True, text=True, timeout=_ASK_CARD_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    sizes = [int(line) for line in done.stdout.split() if line.isdecimal()]
    return max(sizes, default=0) << 20
