"""A user of the command line whose hub is the stand-in: folders of their own, no token, no proxy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.hub.child import make_env
from tests.hub.standin import StandIn


def traypoint(
    hub: StandIn, home: Path, *words: str, more: Mapping[str, str] | None = None, said: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "tray", *words],
        env=make_user(hub, home, more),
        capture_output=True,
        text=True,
        input=said,
        timeout=60,
        check=False,
    )


def make_user(hub: StandIn, home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    return make_env(hub, home, {"TRAYPOINT_CONFIG_DIR": str(home / "app"), **(more or {})})


def read_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
