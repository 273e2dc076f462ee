from __future__ import annotations

import pytest

from tray.errors import DesktopError
from tray.login.run_key import APPROVED, NAME, RUN, RunKey

COMMAND = (r"C:\Program Files\Traypoint\traypoint.exe", "run")
LINE = r'"C:\Program Files\Traypoint\traypoint.exe" run'


class FakeRegistry:
    """Values in a dictionary; counts the writes."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}
        self.writes = 0

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        self.writes += 1
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def switch(registry: FakeRegistry) -> RunKey:
    return RunKey(registry, COMMAND)


def test_it_is_off_until_switched_on_and_off_again_leaves_nothing(switch: RunKey, registry: FakeRegistry) -> None:
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    assert registry.values == {(RUN, NAME): LINE}
    switch.switch(False)
    assert not switch.is_on()
    assert registry.values == {}


def test_a_second_switching_on_writes_nothing(switch: RunKey, registry: FakeRegistry) -> None:
    switch.switch(True)
    switch.switch(True)
    assert registry.writes == 1


@pytest.mark.parametrize(("first_byte", "is_on"), [(0x02, True), (0x06, True), (0x03, False), (0x07, False)])
def test_what_task_manager_says_counts(switch: RunKey, registry: FakeRegistry, first_byte: int, is_on: bool) -> None:
    switch.switch(True)
    registry.values[APPROVED, NAME] = bytes([first_byte]) + bytes(11)
    assert switch.is_on() is is_on
    switch.switch(True)
    assert switch.is_on()


def test_arguments_that_the_user_has_added_stay(switch: RunKey, registry: FakeRegistry) -> None:
    registry.values[RUN, NAME] = f"{LINE} --port 8002"
    switch.switch(True)
    assert registry.values[RUN, NAME] == f"{LINE} --port 8002"


def test_the_command_of_another_installation_is_replaced(switch: RunKey, registry: FakeRegistry) -> None:
    registry.values[RUN, NAME] = r"D:\old\traypoint.exe run"
    switch.switch(True)
    assert registry.values[RUN, NAME] == LINE


def test_a_command_too_long_for_windows_is_refused(registry: FakeRegistry) -> None:
    with pytest.raises(DesktopError, match="no command of more than 260 characters"):
        RunKey(registry, ("C:\\" + 300 * "a", "run")).switch(True)
    assert registry.values == {}
