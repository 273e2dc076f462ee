"""The folders that are written to, and the API key's file, which is for its owner's eyes. Nothing is created here."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import Env
from tray.doctor.finding import Circumstances, Finding, Status

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_folders(c: Circumstances) -> Sequence[Finding]:
    """Settings, logs, state, models of our own, and cache."""
    folders = (
        ("settings folder", c.paths.config_dir),
        ("log folder", c.paths.log_dir),
        ("state folder", c.paths.state_dir),
        ("data folder", c.paths.data_dir),
        ("cache folder", Path(c.env.get(Env.CACHE_DIR) or c.paths.cache_dir)),
    )
    return [_check_folder(name, folder) for name, folder in folders]


def check_key(c: Circumstances) -> Sequence[Finding]:
    """Whoever reads the key may use the endpoint from other machines."""
    path = c.paths.api_key_file
    if not path.exists():
        return [Finding("API key", Status.SKIP, "none made yet: callers on this machine need none")]
    if os.name != "nt" and _mode(path) & OTHERS:
        told = f"{path} can be read by others ({_mode(path):o})"
        return [Finding("API key", Status.FAIL, told, f"Run `chmod 600 {path}`.")]
    return [Finding("API key", Status.OK, f"{path}, for its owner only")]


def _check_folder(name: str, folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        return Finding(name, Status.FAIL, f"{there} is no folder", "Move that file away.")
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding(name, Status.FAIL, f"{there} can't be written to", "Give yourself the right to, or more space.")
    if there != folder:
        return Finding(name, Status.OK, f"{folder} (made when it is needed)")
    if os.name != "nt" and _mode(folder) & OTHERS_WRITE:
        told = f"{folder} can be written to by others ({_mode(folder):o})"
        return Finding(name, Status.WARN, told, f"Run `chmod go-w {folder}`.")
    return Finding(name, Status.OK, str(folder))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
