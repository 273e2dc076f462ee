"""`traypoint start`, and what a start meets: an app that runs, one that ends, one that was killed. Real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tray.cli.user import FAKE, User, free_port, new_user
from tray.control.instance import InstanceLock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with new_user(tmp_path) as made:
        yield made


def test_it_serves_in_the_background_until_it_is_stopped(user: User) -> None:
    code, out, err = user.type("start", *FAKE, "--port", "0")
    assert (code, err) == (0, "")
    assert out == f"Ready: {user.status()['base_url']} (model echo)\n"
    assert user.app().terminal() is None
    assert user.type("stop") == (0, "Stopped.\n", "")


def test_it_may_be_forced(user: User) -> None:
    assert user.type("start", *FAKE, "--port", "0", "--force")[0] == 0
    assert user.child().environ()["TRAYPOINT_FORCE"] == "1"
    assert "change it with `traypoint use MODEL`, which has --force too" in user.type("start", "--force")[2]


def test_where_one_serves_it_says_where_and_nothing_restarts(user: User) -> None:
    url, child = user.start()["base_url"], user.child().pid
    assert user.type("start") == (0, f"Ready: {url} (model echo)\n", "")
    assert user.child().pid == child


def test_flags_are_refused_where_one_runs_already(user: User) -> None:
    user.start()
    code, out, err = user.type("start", "--port", "7000")
    assert (code, out) == (2, "")
    assert "runs already: change it with `traypoint use MODEL`" in err


def test_a_model_that_is_missing_is_told_here_with_the_endpoints_code(user: User) -> None:
    code, out, err = user.type("start", "--model", "/no/such.gguf", "--port", "0")
    assert (code, out) == (3, "")
    assert err.startswith("traypoint: error: There is no file /no/such.gguf.")
    assert user.type("stop") == (0, "Traypoint doesn't run.\n", "")


def test_a_busy_port_is_told_here_with_who_holds_it(user: User) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        code, out, err = user.type("start", *FAKE, "--port", str(port))
    assert (code, out) == (98, "")
    assert err.startswith(f"traypoint: error: Port {port} on 127.0.0.1 is in use by ")
    assert f"(pid {os.getpid()})" in err


def test_two_starts_at_once_are_one_app(user: User) -> None:
    both = [user.open("start", *FAKE, "--port", "0", "--json") for _ in range(2)]
    told = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert told[0]["base_url"] == told[1]["base_url"]
    assert user.child().is_running()


@pytest.mark.slow_suite
def test_it_can_be_started_again_right_after_stop(user: User) -> None:
    user.start()
    for _ in range(3):
        assert user.type("stop")[0] == 0
        user.start()


def test_a_killed_app_leaves_nothing_that_hinders_the_next(user: User) -> None:
    user.start()
    app, child = user.app(), user.child()
    app.kill()
    child.wait(10)
    assert user.paths.instance_file.exists()
    assert user.type("status")[0] == 1
    assert user.type("stop") == (0, "Traypoint doesn't run.\n", "")
    assert user.start()["state"] in ("ready", "busy")
    assert user.app().pid != app.pid


def test_a_second_run_says_so_and_shows_the_first(user: User) -> None:
    user.start()
    code, out, err = user.type("run")
    assert (code, out) == (0, "")
    assert err.startswith(f"traypoint: already running (pid {user.app().pid}): ● Ready · echo")
    assert "started again" in user.status()["notice"]


def test_a_second_one_without_an_icon_runs_beside_on_another_port(user: User) -> None:
    first = user.start()
    beside = user.open("--no-tray", *FAKE, "--port", str(free_port()))
    assert beside.stdout
    assert beside.stdout.readline().startswith("Ready: ")
    assert user.status()["port"] == first["port"]
    beside.send_signal(signal.SIGTERM)
    assert beside.communicate(timeout=60) == ("", "")
    assert user.status()["state"] in ("ready", "busy")


@pytest.mark.slow_suite
def test_an_app_that_never_answers_is_told_in_one_line(user: User) -> None:
    lock = InstanceLock(user.paths.instance_lock)
    assert lock.acquire()
    code, out, err = user.type("--no-tray", *FAKE, "--port", "0")
    lock.release()
    assert (code, out) == (1, "")
    assert err == "traypoint: error: Traypoint runs already, but doesn't answer. `traypoint doctor` says more\n"


@pytest.mark.parametrize("folder", ["state", "log"])
def test_a_folder_that_cannot_be_made_is_named_in_one_line(user: User, folder: str) -> None:
    (user.paths.config_dir / folder).write_text("a file")
    code, out, err = user.type("start", *FAKE, "--port", "0")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert str(user.paths.config_dir / folder) in err


def test_an_app_in_this_terminal_does_without_a_log(user: User) -> None:
    (user.paths.config_dir / "log").write_text("a file")
    app = user.open("--no-tray", *FAKE, "--port", "0")
    assert app.stdout
    assert app.stdout.readline().startswith("Ready: ")


def test_an_api_key_is_no_word_of_any_command_line(user: User) -> None:
    status = user.start("--host", "0.0.0.0", "--api-key", "very-secret")
    words = [*user.app().cmdline(), *user.child().cmdline()]
    assert not [word for word in words if "very-secret" in word]
    assert user.wait_for_status(state="ready")["base_url"] == status["base_url"]
    assert user.status()["health"]["status"] == "healthy"


def test_a_new_api_key_is_told_here_and_lies_about_for_nobody_else(user: User) -> None:
    code, _, err = user.type("start", *FAKE, "--port", "0", "--host", "0.0.0.0")
    key = (user.paths.config_dir / "api-key").read_text().strip()
    assert code == 0
    assert key in err
    files = [path for path in user.paths.config_dir.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert [oct(path.stat().st_mode & 0o077) for path in files] == ["0o0"] * len(files)


def test_an_ipv6_address_serves_and_is_written_as_one(user: User) -> None:
    if not socket.has_ipv6 or not _has_ipv6_loopback():
        pytest.skip("no ::1 on this machine")
    assert user.start("--host", "::1")["base_url"].startswith("http://[::1]:")
    assert user.status()["health"]["status"] == "healthy"


def test_without_home_in_the_environment_it_starts_all_the_same(user: User) -> None:
    user.env.pop("HOME", None)
    assert user.start()["state"] in ("ready", "busy")


def _has_ipv6_loopback() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
