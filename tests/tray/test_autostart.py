from __future__ import annotations

from pathlib import Path

import pytest

from tray.autostart import find_autostart
from tray.login.launch_agent import LaunchAgent
from tray.login.run_key import RunKey
from tray.login.xdg_autostart import XdgAutostart


@pytest.mark.parametrize(
    ("platform", "kind"),
    [("linux", XdgAutostart), ("freebsd14", XdgAutostart), ("darwin", LaunchAgent), ("win32", RunKey)],
)
def test_each_system_has_its_own_switch(platform: str, kind: type, tmp_path: Path) -> None:
    assert isinstance(find_autostart(("/bin/true", "run"), {}, platform, tmp_path), kind)
