from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tray.errors import DesktopError
from tray.login.command import Command
from tray.login.xdg_autostart import XdgAutostart


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return make_program(tmp_path / "my apps" / "traypoint")


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def make_switch(home: Path, program: Path) -> XdgAutostart:
    command: Command = (str(program), "run")
    return XdgAutostart({"PATH": "/usr/bin:/bin"}, home, command)


def test_it_is_off_until_switched_on_and_off_again_leaves_nothing(tmp_path: Path, program: Path) -> None:
    switch = make_switch(tmp_path, program)
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    assert switch.path == tmp_path / ".config" / "autostart" / "traypoint.desktop"
    switch.switch(False)
    assert not switch.is_on()
    assert list(switch.path.parent.iterdir()) == []


def test_switching_off_what_is_not_there_is_fine(tmp_path: Path, program: Path) -> None:
    make_switch(tmp_path, program).switch(False)
    assert not (tmp_path / ".config").exists()


def test_the_configured_folder_is_used_unless_it_is_relative(tmp_path: Path, program: Path) -> None:
    command = (str(program), "run")
    assert XdgAutostart({"XDG_CONFIG_HOME": "/cfg"}, tmp_path, command).path.is_relative_to("/cfg")
    assert XdgAutostart({"XDG_CONFIG_HOME": "cfg"}, tmp_path, command).path.is_relative_to(tmp_path / ".config")


def test_the_file_is_valid_for_desktops(tmp_path: Path) -> None:
    switch = make_switch(tmp_path, make_program(tmp_path / 'a $"b`' / "100% \\tray"))
    switch.switch(True)
    assert switch.is_on()
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("missing: desktop-file-validate (see .ci/apt-packages.txt)")
    checked = subprocess.run(
        ["desktop-file-validate", switch.path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_a_second_switching_on_writes_nothing(tmp_path: Path, program: Path) -> None:
    switch = make_switch(tmp_path, program)
    switch.switch(True)
    before = switch.path.stat()
    switch.switch(True)
    assert (switch.path.stat().st_ino, switch.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktop_has_switched_off_is_off_until_it_is_switched_on_here(
    tmp_path: Path, program: Path, line: str
) -> None:
    switch = make_switch(tmp_path, program)
    switch.switch(True)
    switch.path.write_text(switch.path.read_text() + line + "\n")
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()


def test_a_file_that_starts_a_program_which_is_gone_is_off_and_put_right(tmp_path: Path, program: Path) -> None:
    make_switch(tmp_path, make_program(tmp_path / "old" / "traypoint")).switch(True)
    (tmp_path / "old" / "traypoint").unlink()
    switch = make_switch(tmp_path, program)
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    assert f'Exec="{program}" run\n' in switch.path.read_text()


def test_our_own_command_of_another_installation_is_replaced(tmp_path: Path, program: Path) -> None:
    make_switch(tmp_path, make_program(tmp_path / "old" / "traypoint")).switch(True)
    switch = make_switch(tmp_path, program)
    switch.switch(True)
    assert "old" not in switch.path.read_text()


def test_what_the_user_has_written_stays_both_ways(tmp_path: Path, program: Path) -> None:
    switch = make_switch(tmp_path, program)
    switch.switch(True)
    own = switch.path.read_text().replace('traypoint" run', 'traypoint" run --port 8002') + "# mine\nX-Delay=5\n"
    switch.path.write_text(own)
    switch.switch(True)
    assert switch.path.read_text() == own
    switch.switch(False)
    assert not switch.is_on()
    assert switch.path.read_text() == own.replace("X-Delay=5\n", "X-Delay=5\nHidden=true\n")
    switch.switch(True)
    assert switch.is_on()
    assert switch.path.read_text() == own


def test_a_link_to_the_file_stays_a_link(tmp_path: Path, program: Path) -> None:
    switch = make_switch(tmp_path, program)
    kept = tmp_path / "dotfiles"
    kept.write_text("[Desktop Entry]\nX-Mine=1\n")
    switch.path.parent.mkdir(parents=True)
    switch.path.symlink_to(kept)
    switch.switch(True)
    assert switch.path.is_symlink()
    assert switch.is_on()
    assert {"X-Mine=1", "Type=Application", "Name=Traypoint"} <= set(kept.read_text().splitlines())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, program: Path) -> None:
    (tmp_path / ".config").write_text("a file")
    switch = make_switch(tmp_path, program)
    with pytest.raises(DesktopError, match=r"traypoint\.desktop: can't be"):
        switch.switch(True)


def test_an_entry_whose_program_has_gone_is_dead_unless_it_is_switched_off(tmp_path: Path, program: Path) -> None:
    switch = make_switch(tmp_path, program)
    assert not switch.is_dead()
    switch.switch(True)
    assert not switch.is_dead()
    program.unlink()
    assert switch.is_dead()
    switch.path.write_text(switch.path.read_text() + "Hidden=true\n")
    assert not switch.is_dead()
