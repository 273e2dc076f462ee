from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from tray.errors import DesktopError
from tray.login.launch_agent import LABEL, LaunchAgent


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "Traypoint.app" / "Contents" / "MacOS" / "Traypoint"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    return path


@pytest.fixture
def agent(tmp_path: Path, program: Path) -> LaunchAgent:
    return LaunchAgent(tmp_path, (str(program), "run"))


def test_it_is_off_until_switched_on_and_off_again_leaves_nothing(agent: LaunchAgent) -> None:
    assert not agent.is_on()
    agent.switch(True)
    assert agent.is_on()
    agent.switch(False)
    assert not agent.is_on()
    assert list(agent.path.parent.iterdir()) == []


def test_the_property_list_says_what_launchd_needs(agent: LaunchAgent, program: Path) -> None:
    agent.switch(True)
    assert agent.path.name == f"{LABEL}.plist"
    assert plistlib.loads(agent.path.read_bytes()) == {
        "Label": LABEL,
        "ProgramArguments": [str(program), "run"],
        "RunAtLoad": True,
        "ProcessType": "Interactive",
    }


def test_a_second_switching_on_writes_nothing(agent: LaunchAgent) -> None:
    agent.switch(True)
    before = agent.path.stat().st_ino
    agent.switch(True)
    assert agent.path.stat().st_ino == before


def test_what_the_user_has_written_stays_both_ways(agent: LaunchAgent, program: Path) -> None:
    agent.switch(True)
    own = plistlib.loads(agent.path.read_bytes())
    own |= {"ProgramArguments": [str(program), "run", "--port", "8002"], "KeepAlive": True}
    agent.path.write_bytes(plistlib.dumps(own))
    agent.switch(True)
    assert plistlib.loads(agent.path.read_bytes()) == own
    agent.switch(False)
    assert not agent.is_on()
    assert plistlib.loads(agent.path.read_bytes()) == {**own, "Disabled": True}
    agent.switch(True)
    assert plistlib.loads(agent.path.read_bytes()) == own


def test_a_program_that_is_gone_is_off_and_put_right(tmp_path: Path, agent: LaunchAgent) -> None:
    LaunchAgent(tmp_path, (str(tmp_path / "gone"), "run")).switch(True)
    assert not agent.is_on()
    agent.switch(True)
    assert agent.is_on()


@pytest.mark.parametrize("content", [b"not a list", b"<plist><dict>", plistlib.dumps([1])])
def test_a_file_that_is_something_else_is_left_alone_and_explained(agent: LaunchAgent, content: bytes) -> None:
    agent.path.parent.mkdir(parents=True)
    agent.path.write_bytes(content)
    with pytest.raises(DesktopError, match="move it away and try again"):
        agent.switch(True)
    assert agent.path.read_bytes() == content
