from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import link_gi
from link_gi import find_system_gi, hint, link, system_folders

SUFFIX = ".cpython-311-x86_64-linux-gnu.so"


def make_system(folder: Path, suffix: str = SUFFIX) -> Path:
    (folder / "gi").mkdir(parents=True)
    (folder / "gi" / f"_gi{suffix}").touch()
    (folder / "PyGObject-3.42.2.egg-info").mkdir()
    return folder


def test_only_a_gi_built_for_this_python_is_taken(tmp_path: Path) -> None:
    other = make_system(tmp_path / "other", ".cpython-312-x86_64-linux-gnu.so")
    right = make_system(tmp_path / "right")
    assert find_system_gi([tmp_path / "none", other, right], SUFFIX) == right
    assert find_system_gi([other], SUFFIX) is None


def test_the_package_and_its_metadata_are_linked(tmp_path: Path) -> None:
    system, site = make_system(tmp_path / "system"), tmp_path / "site"
    site.mkdir()
    link(system, site)
    assert {path.name: path.resolve() for path in site.iterdir()} == {
        "gi": system / "gi",
        "PyGObject-3.42.2.egg-info": system / "PyGObject-3.42.2.egg-info",
    }


def test_linking_again_replaces_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    system, site = make_system(tmp_path / "system"), tmp_path / "site"
    site.mkdir()
    (site / "gi").symlink_to(tmp_path / "gone")
    link(system, site)
    link(system, site)
    assert (site / "gi").resolve() == system / "gi"


def test_a_gi_that_was_installed_properly_is_left_alone(tmp_path: Path) -> None:
    system, site = make_system(tmp_path / "system"), tmp_path / "site"
    (site / "gi").mkdir(parents=True)
    link(system, site)
    assert not (site / "gi").is_symlink()


def test_debian_fedora_and_arch_are_searched() -> None:
    folders = list(map(str, system_folders("3.12")))
    assert folders[0] == "/usr/lib/python3/dist-packages"
    assert folders[1:] == ["/usr/lib64/python3.12/site-packages", "/usr/lib/python3.12/site-packages"]


def test_the_hint_speaks_the_distribution_s_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hint() == "install PyGObject, GTK 3 and AppIndicator"
    dnf = tmp_path / "dnf"
    dnf.touch(mode=0o755)
    assert hint().startswith("sudo dnf install python3-gobject")


def test_a_machine_without_gi_is_told_in_one_line_and_nothing_fails(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(link_gi.__file__).parent)!r})
sys.platform = "linux"
import link_gi
link_gi.system_folders = lambda version: []
link_gi.find_problem = lambda: "no gi"
sys.exit(link_gi.main())
"""
    environment = os.environ | {"PATH": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == (
        "No tray icon here (no gi). To get one: install PyGObject, GTK 3 and AppIndicator; then: make tray\n"
    )
