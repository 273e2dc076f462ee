"""The child's end is heard once, however it comes."""

from __future__ import annotations

import os
import queue
import signal

import pytest

from endpoint.hub_contract import Done, Failed, Found, HubEvent, Progress, Stopped, Wish
from tests.tray.downloads.fake_hub import TIMEOUT_S, make_child
from tray.downloads.hub_child import HubChild, ask_hub
from tray.spawn import Command, hub_command

DONE = Done("mlx", "owner/name", 2, 2)


def test_events_are_heard_in_order_and_other_lines_are_not() -> None:
    heard: queue.SimpleQueue[HubEvent] = queue.SimpleQueue()
    child = HubChild(make_child(Progress(1, 2), "noise", '{"event": "progress", "done": "1"}', DONE), heard.put)
    assert child.wait(TIMEOUT_S)
    assert [heard.get(), heard.get()] == [Progress(1, 2), DONE]
    assert heard.empty()


def test_a_child_that_dies_without_a_word_has_failed() -> None:
    heard: queue.SimpleQueue[HubEvent] = queue.SimpleQueue()
    child = HubChild(make_child(Progress(1, 2), waits=True), heard.put)
    assert heard.get(timeout=TIMEOUT_S) == Progress(1, 2)
    os.kill(child.pid, signal.SIGKILL)
    end = heard.get(timeout=TIMEOUT_S)
    assert isinstance(end, Failed)
    assert "signal 9" in end.message


def test_a_wish_reaches_it() -> None:
    heard: queue.SimpleQueue[HubEvent] = queue.SimpleQueue()
    HubChild(make_child(waits=True), heard.put).wish(Wish.CANCEL)
    assert heard.get(timeout=TIMEOUT_S) == Stopped("cancel")


def test_asking_returns_the_end() -> None:
    assert ask_hub(make_child(Found(()))) == Found(())


def test_what_can_not_be_started_is_a_failure_with_its_reason() -> None:
    end = ask_hub(Command(("/nowhere/python",), {}))
    assert isinstance(end, Failed)
    assert "can't be started" in end.message


@pytest.mark.parametrize("name", ["HF_TOKEN", "HTTPS_PROXY"])
def test_token_and_proxy_go_by_environment_not_by_arguments(name: str) -> None:
    command = hub_command(("pull", "owner/name"), {name: "a-secret"})
    assert command.env[name] == "a-secret"
    assert not any("a-secret" in word for word in command.argv)
