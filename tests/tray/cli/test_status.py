"""`traypoint status` beside a running app, without one, and while the settings file is being written."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tray.cli.user import User, free_port, new_user

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with new_user(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """One whose app runs, for all that only ask."""
    with new_user(tmp_path_factory.mktemp("served")) as made:
        made.start("--ctx-size", "512")
        yield made


def test_it_says_what_the_menu_says_and_zero_while_requests_are_answered(served: User) -> None:
    port = served.status()["port"]
    code, out, err = served.type("status")
    assert (code, err) == (0, "")
    assert out.startswith(f"● Ready · echo · fake · localhost:{port}/v1\n")


def test_json_has_the_app_its_settings_and_the_endpoints_own_words(served: User) -> None:
    status = served.status()
    assert status["app"] == {"pid": served.app().pid}
    assert status["health"]["status"] == "healthy"
    (port,) = {connection.laddr.port for connection in served.child().net_connections("tcp")}
    assert (status["settings"]["ctx_size"], status["base_url"]) == (512, f"http://127.0.0.1:{port}/v1")


def test_without_an_app_it_says_so_and_one(user: User) -> None:
    user.edit(f"[endpoint]\nport = {free_port()}\n")
    code, out, err = user.type("status")
    assert (code, err) == (1, "")
    assert out.endswith("(the app isn't running)\n")
    status = json.loads(user.type("status", "--json")[1])
    assert (status["app"], status["state"], status["health"]) == (None, "stopped", None)


def test_watch_tells_each_change_until_ctrl_c(user: User) -> None:
    user.start()
    watch = user.open("status", "--watch")
    assert watch.stdout
    assert watch.stdout.readline().startswith("● Ready · echo")
    user.type("stop")
    lines = iter(watch.stdout.readline, "")
    assert next(line for line in lines if line.startswith("○ Stopped"))
    watch.send_signal(signal.SIGINT)
    assert watch.wait(60) == 130


def test_watch_json_is_one_object_a_line(served: User) -> None:
    watch = served.open("status", "--watch", "--json")
    assert watch.stdout
    assert json.loads(watch.stdout.readline())["state"] in ("ready", "busy")


@pytest.mark.parametrize("text", ["[endpoint]\nport = ", "[endpoint]\nport = 99999\n", "\0"])
def test_a_broken_settings_file_stays_where_it_is_and_hides_no_running_app(user: User, text: str) -> None:
    user.start()
    user.edit(text)
    assert user.type("status")[0] == 0
    for verb in (("models",), ("connect", "curl", "--print"), ("run",), ("stop",), ("status",)):
        user.type(*verb)
    assert user.settings() == text
    assert not list(user.paths.config_dir.glob("*.broken-*"))


def test_ten_at_once_are_all_answered(served: User) -> None:
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda _: served.type("status"), range(10)))
    assert [code for code, _, _ in told] == [0] * 10
