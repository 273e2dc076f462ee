"""Files that are replaced as a whole: links, permissions, folders, and writes that fail."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tray.whole_file import follow, replace_file

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions and links as POSIX has them")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_and_its_folder_are_made_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "file"
    replace_file(file, b"new")
    assert file.read_bytes() == b"new"
    assert mode_of(file) == 0o600


def test_a_mode_that_is_asked_for_is_given(tmp_path: Path) -> None:
    file = tmp_path / "file"
    replace_file(file, b"new", 0o644)
    assert mode_of(file) == 0o644


def test_what_cannot_be_replaced_stays_and_leaves_no_litter(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="folder"):
        replace_file(folder, b"new")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_link_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    replace_file(link, b"new")
    assert not link.is_symlink()
    assert target.read_text() == "old"


def test_a_link_that_is_followed_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    replace_file(follow(link), b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_links_in_a_circle_are_an_os_error(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(OSError, match="link"):
        replace_file(follow(link) / "file", b"new")
