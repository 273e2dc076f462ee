"""The chosen model: is it there, and has this machine the memory and the disk for it?"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tray.doctor.finding import Circumstances, Finding, Status
from tray.models.sizes import format_bytes

LITTLE_DISK = 2_000_000_000
"""Saved prompts alone take up to a quarter of what is free; with less than this there will soon be trouble."""
CHOOSE = "Choose another: `traypoint config set model FILE`."


def check_model(c: Circumstances) -> Sequence[Finding]:
    """Found by the endpoint's own code, so that both agree."""
    ref = c.options.ref
    answer = c.probe(["model", ref.provider, ref.model])
    if "problem" in answer:
        return [Finding("model", Status.FAIL, str(answer["problem"]), CHOOSE)]
    size = answer.get("bytes")
    if not isinstance(size, int):
        return [Finding("model", Status.SKIP, f"{ref.model}: {answer.get('skipped', 'nothing to look at')}")]
    path = Path(str(answer.get("path")))
    return [
        Finding("model", Status.OK, f"{ref.model} ({path.name}, {format_bytes(size)})"),
        check_memory(size, *read_memory()),
        check_disk(c.paths.state_dir),
    ]


def read_memory() -> tuple[int, int]:
    """Available and total bytes."""
    import psutil  # only here

    memory = psutil.virtual_memory()
    return memory.available, memory.total


def check_memory(size: int, available: int, total: int) -> Finding:
    """The weights alone against the memory; the context comes on top."""
    free = f"{format_bytes(available)} of {format_bytes(total)} available"
    told = f"{free}, the model's weights take {format_bytes(size)}"
    if size > total:
        return Finding("memory", Status.FAIL, told, "Choose a smaller model, or one with fewer bits a weight.")
    if size > available:
        return Finding("memory", Status.WARN, told, "End other programs first, or choose a smaller model.")
    return Finding("memory", Status.OK, told)


def check_disk(folder: Path) -> Finding:
    """Room for logs, settings and saved prompts."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    told = f"{format_bytes(free)} free at {there}"
    if free < LITTLE_DISK:
        return Finding("disk", Status.WARN, told, "Make room, or save no prompts: `traypoint config set cache_disk 0`.")
    return Finding("disk", Status.OK, told)
