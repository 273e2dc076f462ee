"""Each check, in circumstances made for it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.tray.cache_server import cache_server
from tests.tray.doctor.circumstances import FakeProbe, make_circumstances, statuses
from tray.doctor.desktop import check_autostart, check_clipboard, check_icon, check_notifications
from tray.doctor.finding import Status
from tray.doctor.folders import check_folders, check_key
from tray.doctor.instances import describe_apps, is_app
from tray.doctor.model import check_memory, check_model
from tray.doctor.port import check_port
from tray.doctor.program import check_clock, check_program
from tray.doctor.providers import check_llamacpp
from tray.doctor.settings_file import check_environment, check_settings
from tray.options import Choices

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
SCREEN = {"DISPLAY": ":0"}
GB = 10**9


def test_python_and_traypoint_are_named(tmp_path: Path) -> None:
    assert {finding.name for finding in check_program(make_circumstances(tmp_path))} == {"Traypoint", "Python"}


def test_a_clock_before_our_own_files_is_wrong(tmp_path: Path) -> None:
    assert statuses(check_clock(make_circumstances(tmp_path), now_s=86_400.0)) == [Status.WARN]
    assert statuses(check_clock(make_circumstances(tmp_path))) == [Status.OK]


def test_each_mistake_in_the_settings_is_a_failure_and_each_unknown_key_a_warning(tmp_path: Path) -> None:
    text = "[endpoint]\nport = 99999\nprot = 1\n"
    (tmp_path / "settings.toml").write_text(text)
    wrong, unknown = check_settings(make_circumstances(tmp_path))
    assert (wrong.status, unknown.status) == (Status.FAIL, Status.WARN)
    assert "line 2: endpoint.port must be" in wrong.told
    assert "unknown key endpoint.prot; did you mean endpoint.port" in unknown.told
    assert (tmp_path / "settings.toml").read_text() == text


def test_a_variable_that_makes_no_sense_is_a_failure(tmp_path: Path) -> None:
    assert statuses(check_environment(make_circumstances(tmp_path, env={"TRAYPOINT_PORT": "x"}))) == [Status.FAIL]
    (found,) = check_environment(make_circumstances(tmp_path, env={"TRAYPOINT_PORT": "1"}))
    assert "TRAYPOINT_PORT" in found.told


@posix
def test_a_folder_that_others_write_to_is_worth_a_look(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    settings, log, *_ = check_folders(make_circumstances(tmp_path))
    assert (settings.status, log.status) == (Status.WARN, Status.OK)
    assert f"chmod go-w {tmp_path}" in settings.advice


def test_a_file_in_a_folders_place_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert statuses(check_folders(make_circumstances(tmp_path)))[1] is Status.FAIL


@posix
def test_a_key_that_others_can_read_is_a_failure(tmp_path: Path) -> None:
    key = tmp_path / "api-key"
    assert statuses(check_key(make_circumstances(tmp_path))) == [Status.SKIP]
    key.touch(mode=0o600)
    assert statuses(check_key(make_circumstances(tmp_path))) == [Status.OK]
    key.chmod(0o644)
    (found,) = check_key(make_circumstances(tmp_path))
    assert (found.status, found.advice) == (Status.FAIL, f"Run `chmod 600 {key}`.")


def test_a_port_that_a_stranger_holds_is_a_failure_with_one_that_is_free(tmp_path: Path) -> None:
    with cache_server() as stranger:
        stranger.body = b"hello"
        (found,) = check_port(make_circumstances(tmp_path, choices=Choices(port=stranger.server_address[1])))
    assert found.status is Status.FAIL
    assert f"(pid {os.getpid()})" in found.told
    assert "traypoint config set port" in found.advice


@pytest.mark.parametrize(
    ("health", "status", "told"),
    [
        ({"status": "healthy", "model": "m"}, Status.OK, "healthy, model m"),
        ({"status": "wedged", "error": "no step for 31 s"}, Status.FAIL, "wedged: no step for 31 s"),
    ],
)
def test_a_port_that_our_own_endpoint_holds_is_told_with_its_health(
    tmp_path: Path, health: dict[str, str], status: Status, told: str
) -> None:
    with cache_server() as endpoint:
        endpoint.body = json.dumps(health).encode()
        ours, found = check_port(make_circumstances(tmp_path, choices=Choices(port=endpoint.server_address[1])))
    assert (ours.status, found.status, found.told) == (Status.OK, status, told)


def test_an_address_of_another_machine_is_a_failure(tmp_path: Path) -> None:
    (found,) = check_port(make_circumstances(tmp_path, choices=Choices(host="192.0.2.1", port=0)))
    assert found.status is Status.FAIL


def test_a_free_port_is_fine_and_a_wide_bind_is_told(tmp_path: Path) -> None:
    assert statuses(check_port(make_circumstances(tmp_path, choices=Choices(port=0)))) == [Status.OK]
    found = check_port(make_circumstances(tmp_path, choices=Choices(host="0.0.0.0", port=0)))
    assert "API key" in found[1].told


def test_a_library_that_is_missing_or_broken_only_fails_where_it_is_chosen(tmp_path: Path) -> None:
    broken = {"problem": "libcuda.so: cannot open"}
    chosen = make_circumstances(tmp_path, answer=broken)
    other = make_circumstances(tmp_path, choices=Choices(provider="mlx"), answer=broken)
    (found,) = check_llamacpp(chosen)
    assert found.status is Status.FAIL
    assert "libcuda.so" in found.told
    assert statuses(check_llamacpp(other)) == [Status.WARN]


def test_a_card_that_the_build_cannot_use_is_worth_a_look(tmp_path: Path) -> None:
    (tmp_path / "nvidia-smi").touch(mode=0o755)
    c = make_circumstances(tmp_path, env={"PATH": str(tmp_path)}, answer={"device": "processor only: …"})
    (found,) = check_llamacpp(c)
    assert (found.status, "cu124" in found.advice) == (Status.WARN, True)


def test_the_model_is_looked_for_by_the_endpoint_itself(tmp_path: Path) -> None:
    c = make_circumstances(tmp_path, choices=Choices(model="m.gguf"), answer={"problem": "There is no file m.gguf."})
    (found,) = check_model(c)
    assert (found.status, found.told) == (Status.FAIL, "There is no file m.gguf.")
    assert isinstance(c.probe, FakeProbe)
    assert c.probe.asked == [("model", "llamacpp", "m.gguf")]


@pytest.mark.parametrize(("size", "status"), [(1 * GB, Status.OK), (6 * GB, Status.WARN), (20 * GB, Status.FAIL)])
def test_weights_are_compared_with_the_memory(size: int, status: Status) -> None:
    assert check_memory(size, available=4 * GB, total=16 * GB).status is status


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["/usr/bin/python3.11", "-P", "-m", "tray"], True),
        (["python", "-m", "tray", "run", "--no-tray"], True),
        (["/opt/bin/traypoint", "--port", "8002"], True),
        (["/usr/bin/python3", "/opt/bin/traypoint"], True),
        (["/opt/bin/traypoint", "logs", "-f"], False),
        (["python", "-P", "-m", "endpoint", "--managed"], False),
        (["python"], False),
        (["vim", "traypoint"], False),
    ],
)
def test_the_app_is_known_by_its_command_line(words: list[str], expected: bool) -> None:
    assert is_app(words) is expected


def test_two_apps_are_worth_a_look() -> None:
    assert [describe_apps(pids).status for pids in ([], [1], [1, 2])] == [Status.OK, Status.OK, Status.WARN]


def test_without_a_screen_there_is_no_icon_and_nothing_else_to_look_at(tmp_path: Path) -> None:
    c = make_circumstances(tmp_path)
    (icon,) = check_icon(c)
    assert (icon.status, "no screen" in icon.told) == (Status.WARN, True)
    assert statuses([*check_clipboard(c), *check_notifications(c)]) == [Status.SKIP, Status.SKIP]


def test_a_screen_without_a_clipboard_tool_or_notifications_is_worth_a_look(tmp_path: Path) -> None:
    c = make_circumstances(tmp_path, env={**SCREEN, "XDG_DATA_DIRS": str(tmp_path)})
    (clipboard,) = check_clipboard(c)
    assert (clipboard.status, "xclip" in clipboard.advice) == (Status.WARN, True)
    assert statuses(check_notifications(c, owns=lambda _name: False)) == [Status.WARN]
    assert statuses(check_notifications(c, owns=lambda _name: True)) == [Status.OK]


def test_notifications_that_are_started_when_needed_will_do(tmp_path: Path) -> None:
    services = tmp_path / "dbus-1" / "services"
    services.mkdir(parents=True)
    (services / "org.xfce.Notifyd.service").write_text("[D-BUS Service]\nName=org.freedesktop.Notifications\n")
    c = make_circumstances(tmp_path, env={**SCREEN, "XDG_DATA_DIRS": str(tmp_path)})
    assert statuses(check_notifications(c, owns=lambda _name: False)) == [Status.OK]


def test_a_login_entry_must_start_what_is_there(tmp_path: Path) -> None:
    c = make_circumstances(tmp_path, env={"XDG_CONFIG_HOME": str(tmp_path), "PATH": str(tmp_path)})
    assert statuses(check_autostart(c)) == [Status.SKIP]
    entry = tmp_path / "autostart" / "traypoint.desktop"
    entry.parent.mkdir()
    entry.write_text('[Desktop Entry]\nExec="/no such/traypoint" run\n')
    (found,) = check_autostart(c)
    assert (found.status, str(entry) in found.told) == (Status.WARN, True)
    entry.write_text("[Desktop Entry]\nExec=/no/such\nHidden=true\n")
    assert statuses(check_autostart(c)) == [Status.SKIP]
    (tmp_path / "traypoint").touch(mode=0o755)
    entry.write_text("[Desktop Entry]\nExec=traypoint run\n")
    assert statuses(check_autostart(c)) == [Status.OK]
