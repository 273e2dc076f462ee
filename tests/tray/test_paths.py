from __future__ import annotations

from pathlib import Path

from tray.paths import find_paths


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    paths = find_paths({"TRAYPOINT_CONFIG_DIR": str(tmp_path)})
    assert paths.settings_file == tmp_path / "settings.toml"
    assert paths.endpoint_log == tmp_path / "log" / "endpoint.log"
    assert paths.state_dir == tmp_path / "state"
    assert paths.models_dir == tmp_path / "data" / "models"
    assert paths.headers_file.parent == tmp_path / "cache"
    assert paths.recent_file.parent == tmp_path / "state"
    assert paths.downloads_file.parent == tmp_path / "state"


def test_without_it_the_platforms_folders_are_used_under_the_apps_name() -> None:
    paths = find_paths({})
    assert paths.config_dir.name == "traypoint"
    assert "traypoint" in paths.endpoint_log.parts
    assert not paths.config_dir.is_relative_to(Path.cwd())
