"""The channel between command line and app, over a real socket, with a controller's answers."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tray.actions import Action, Asked, Change, UserAction
from tray.control.client import ask, find_running
from tray.control.instance import Instance, InstanceLock, read_instance, write_instance
from tray.control.server import ControlServer
from tray.control.wire import Verb
from tray.errors import ControlError
from tray.state import AppState, EndpointState


class FakeController:
    """Answers at once, from whichever thread."""

    def __init__(self) -> None:
        self.wishes: list[object] = []
        self.state = AppState(endpoint=EndpointState.READY)

    def post(self, action: Action) -> None:
        assert isinstance(action, Asked)
        self.wishes.append(action.action)
        if action.action is UserAction.STOP:
            self.state = replace(self.state, endpoint=EndpointState.STOPPING)
        action.answer(self.state)


@pytest.fixture
def controller() -> FakeController:
    return FakeController()


@pytest.fixture
def file(tmp_path: Path, controller: FakeController) -> Iterator[Path]:
    path = tmp_path / "state" / "instance.json"
    server = ControlServer(path, controller.post)
    server.start()
    yield path
    server.close()
    assert not path.exists()


def find(file: Path) -> Instance:
    instance = find_running(file)
    assert instance
    return instance


def test_the_state_after_the_wish_is_the_answer(file: Path, controller: FakeController) -> None:
    assert ask(find(file), Verb.STOP)["state"] == "stopping"
    assert controller.wishes == [None, UserAction.STOP]


def test_settings_can_be_changed(file: Path, controller: FakeController) -> None:
    ask(find(file), Verb.CHANGE, {"endpoint.model": "/m.gguf"})
    assert controller.wishes[-1] == Change((("endpoint.model", "/m.gguf"),))


@pytest.mark.parametrize("token", ["guessed", "", "\u20ac", "\udcff"])
def test_who_does_not_know_the_token_gets_nothing(file: Path, controller: FakeController, token: str) -> None:
    wrong = replace(find(file), token=token)
    with pytest.raises(ControlError, match="wrong token"):
        ask(wrong, Verb.STOP)
    assert UserAction.STOP not in controller.wishes


def test_a_web_page_gets_nothing(file: Path, controller: FakeController) -> None:
    with socket.create_connection(("127.0.0.1", find(file).port)) as connection:
        connection.sendall(b'POST / HTTP/1.1\r\nHost: x\r\n\r\n{"verb": "stop"}\n')
        assert b'"ok": false' in connection.makefile("rb").readline()


def test_several_callers_are_answered(file: Path) -> None:
    instance, answers = find(file), []
    callers = [threading.Thread(target=lambda: answers.append(ask(instance, Verb.STATUS))) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(answers) == 8


def test_the_file_is_its_owners_only(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0


def test_a_left_over_file_is_no_running_app(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    write_instance(tmp_path / "instance.json", Instance(1, port, "t"))
    assert find_running(tmp_path / "instance.json") is None


def test_a_left_over_file_whose_port_another_program_has_keeps_nobody_waiting(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        write_instance(tmp_path / "instance.json", Instance(gone.pid, silent.getsockname()[1], "t"))
        assert find_running(tmp_path / "instance.json") is None
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody came
            silent.accept()


@pytest.mark.parametrize(
    "content", ["", "{}", '{"pid": 1, "port": 99999, "token": "t"}', '{"pid": 1, "port": 5}', "[1]"]
)
def test_a_damaged_file_is_no_running_app(tmp_path: Path, content: str) -> None:
    (tmp_path / "instance.json").write_text(content)
    assert read_instance(tmp_path / "instance.json") is None


def test_only_one_can_hold_the_lock_and_it_goes_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lock"
    program = (
        "import sys, pathlib; from tray.control.instance import InstanceLock\n"
        f"lock = InstanceLock(pathlib.Path({str(path)!r})); print(lock.acquire(), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "True\n"
    mine = InstanceLock(path)
    assert not mine.acquire()
    holder.kill()
    holder.communicate()
    assert mine.acquire()
    mine.release()
    again = InstanceLock(path)
    assert again.acquire()
    again.release()
