from __future__ import annotations

from pathlib import Path

from tray.models.walk import list_folders, walk_folders


def paths(root: Path, depth: int = 8) -> list[str]:
    return [str(folder.path.relative_to(root)) for folder in walk_folders(root, depth)]


def test_folders_near_the_root_come_first_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    for name in ("b/c/d", "a", ".hidden/x"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b" / "file").touch()
    (tmp_path / "b" / "._file").touch()
    assert paths(tmp_path) == [".", "a", "b", "b/c", "b/c/d"]
    assert paths(tmp_path, depth=1) == [".", "a", "b"]
    assert [folder.files for folder in walk_folders(tmp_path, 1)] == [(), (), ("file",)]


def test_links_that_lead_round_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert paths(tmp_path) == [".", "a", "a/b"]


def test_a_folder_with_two_ways_to_it_is_visited_once(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "again").symlink_to(tmp_path / "real")
    assert len(paths(tmp_path)) == 2


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk" / "models").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "link").symlink_to(tmp_path / "disk")
    assert paths(tmp_path / "home") == [".", "link", "link/models"]


def test_what_is_not_there_or_no_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert paths(tmp_path / "nowhere") == []
    assert [folder.files for folder in walk_folders(tmp_path / "file")] == [()]
    assert list_folders(tmp_path / "nowhere") == ()
