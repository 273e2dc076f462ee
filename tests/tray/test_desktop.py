"""The front to the desktop, with real files in a folder of its own, and an opener that opens nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from tray.desktop import Desktop, find_licences
from tray.effects import CopyClientSetup
from tray.errors import DesktopError
from tray.models.recent import load_recent
from tray.paths import Paths, find_paths
from tray.settings import read_settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="xdg-open; the other openers are tried in test_opener")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """With a home of its own, so that the login item is nobody's."""
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text("#!/bin/sh\n")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(opener.parent), prepend=":")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return find_paths({"TRAYPOINT_CONFIG_DIR": str(tmp_path / "traypoint")})


def test_a_settings_file_that_is_opened_for_the_first_time_has_every_key_as_a_comment(paths: Paths) -> None:
    Desktop(paths).open_settings()
    text = paths.settings_file.read_text()
    assert "# port = 8001" in text
    assert read_settings(paths.settings_file).notes == ()
    paths.settings_file.write_text("# mine\n")
    Desktop(paths).open_settings()
    assert paths.settings_file.read_text() == "# mine\n"


def test_the_models_folder_is_made_when_it_is_opened(paths: Paths) -> None:
    Desktop(paths).open_models()
    assert paths.models_dir.is_dir()


def test_a_log_that_is_not_there_yet_is_told(paths: Paths) -> None:
    with pytest.raises(DesktopError, match="Nothing has been logged yet"):
        Desktop(paths).open_log()


def test_the_key_goes_into_a_set_up_where_it_is_needed(paths: Paths) -> None:
    wish = CopyClientSetup("curl", "http://127.0.0.1:8001/v1", "m", 4096, with_key=True)
    with pytest.raises(DesktopError, match="No API key in"):
        Desktop(paths).write_setup(wish)
    paths.config_dir.mkdir(parents=True)
    paths.api_key_file.write_text("tp-secret\n")
    setup = Desktop(paths).write_setup(wish)
    assert setup.title == "curl"
    assert "tp-secret" in setup.text
    assert "http://127.0.0.1:8001/v1" in setup.text


def test_a_served_model_comes_first_among_the_recent_ones(paths: Paths) -> None:
    desktop = Desktop(paths)
    for name in ("/a.gguf", "/b.gguf"):
        desktop.remember(ModelRef("llamacpp", name))
    assert [ref.model for ref in load_recent(paths.recent_file)] == ["/b.gguf", "/a.gguf"]
    assert [ref.model for ref in desktop.look_around().recent] == ["/b.gguf", "/a.gguf"]


def test_the_login_switch_is_the_systems(paths: Paths) -> None:
    desktop = Desktop(paths)
    assert not desktop.starts_at_login()
    desktop.set_autostart(True)
    assert desktop.starts_at_login()
    desktop.set_autostart(False)
    assert not desktop.starts_at_login()


def test_the_page_of_licences_names_every_library_that_the_menu_names() -> None:
    from tray.versions import LIBRARIES

    page = find_licences().read_text(encoding="utf-8").lower()
    for name, licence in LIBRARIES:
        assert name in page
        assert licence.lower() in page
