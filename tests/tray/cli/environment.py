"""A shell for tests of verbs: none of the user's own settings, and files under one folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tray.options import VARIABLES


def clear_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take out what would set a key, and put all of the app's folders under this one."""
    for names in VARIABLES.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRAYPOINT_CONFIG_DIR", str(folder))
