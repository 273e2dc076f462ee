from __future__ import annotations

import json
from pathlib import Path

from tests.tray.models.homes import add_gguf, add_mlx
from tray.models.candidate import Form
from tray.models.lm_studio import find_folders, list_lm_studio


def test_models_lie_below_their_publishers(tmp_path: Path) -> None:
    models = tmp_path / ".lmstudio" / "models"
    add_gguf(models / "ada" / "m-GGUF" / "m-Q4_K_M.gguf")
    add_mlx(models / "mlx-community" / "m-4bit")
    found = {each.name: each.form for each in list_lm_studio(tmp_path)}
    assert found == {"m-Q4_K_M": Form.GGUF, "m-4bit": Form.MLX}


def test_older_versions_keep_them_in_the_cache(tmp_path: Path) -> None:
    add_gguf(tmp_path / ".cache" / "lm-studio" / "models" / "a" / "b" / "m.gguf")
    assert [each.name for each in list_lm_studio(tmp_path)] == ["m"]


def test_the_folder_in_its_settings_is_looked_into(tmp_path: Path) -> None:
    add_gguf(tmp_path / "disk" / "a" / "b" / "m.gguf")
    (tmp_path / ".lmstudio").mkdir()
    (tmp_path / ".lmstudio" / "settings.json").write_text(json.dumps({"downloadsFolder": str(tmp_path / "disk")}))
    assert [each.name for each in list_lm_studio(tmp_path)] == ["m"]


def test_a_home_that_was_moved_is_followed(tmp_path: Path) -> None:
    add_gguf(tmp_path / "moved" / "models" / "a" / "b" / "m.gguf")
    (tmp_path / ".lmstudio-home-pointer").write_text(f"{tmp_path / 'moved'}\n")
    assert [each.name for each in list_lm_studio(tmp_path)] == ["m"]


def test_settings_that_make_no_sense_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".lmstudio").mkdir()
    usual = find_folders(tmp_path)
    for content in (
        '{"downloadsFolder": 3}',
        '{"downloadsFolder": "relative"}',
        '{"downloadsFolder": "/a\\u0000b"}',
        "[",
    ):
        (tmp_path / ".lmstudio" / "settings.json").write_text(content)
        assert find_folders(tmp_path) == usual
    (tmp_path / ".lmstudio-home-pointer").write_bytes(b"\xff\xfe")
    assert find_folders(tmp_path) == usual
