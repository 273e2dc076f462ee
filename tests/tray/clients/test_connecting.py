"""Set-ups written into real files, and taken out again."""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path

import pytest

from tests.tray.clients.nasty import PLAIN
from tray.clients.catalogue import CLIENTS, find_client
from tray.clients.client import Client
from tray.clients.connecting import Connector
from tray.clients.records import Records
from tray.clients.values import ClientFacts, Machine
from tray.errors import ClientError

FILED = [client for client in CLIENTS if client.file is not None]
OTHER = dataclasses.replace(PLAIN, model="another", n_ctx=4096)
SETTINGS = '{\n  // mine\n  "permissions": {"allow": ["Bash(ls)"]},\n  "env": {"ANTHROPIC_MODEL": "opus"}\n}\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def connector(home: Path, tmp_path: Path) -> Connector:
    return make(home, tmp_path)


def make(home: Path, tmp_path: Path, env: dict[str, str] | None = None) -> Connector:
    return Connector(Machine(home, env or {}, "linux"), Records(tmp_path / "state"))


def client_of(name: str) -> Client:
    client = find_client(name)
    assert client is not None
    return client


def write_settings(home: Path, text: str = SETTINGS) -> Path:
    path = home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("client", FILED, ids=lambda client: client.name)
def test_a_file_that_was_not_there_is_written_for_its_owner_only_and_goes_again(
    client: Client, connector: Connector
) -> None:
    assert client.file is not None
    path = connector.locate(client.file)
    written = connector.connect(client, ClientFacts("http://10.0.0.7:8001/v1", "m", "secret"))
    assert (written.path, written.before, written.backup) == (path, None, None)
    assert path.read_text(encoding="utf-8") == written.after
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert connector.is_connected(client)
    undone = connector.undo(client)
    assert undone is not None
    assert (undone.after, undone.left) == (None, ())
    assert not path.exists()
    assert not connector.is_connected(client)


def test_the_file_is_backed_up_once_and_comes_back_to_the_byte(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    path.chmod(0o644)
    client = client_of("claude-code")
    first = connector.connect(client, PLAIN)
    assert first.backup == path.with_name("settings.json.before-traypoint")
    assert first.backup.read_text(encoding="utf-8") == SETTINGS
    second = connector.connect(client, OTHER)
    assert second.backup == first.backup
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert sorted(each.name for each in path.parent.iterdir()) == ["settings.json", first.backup.name]
    connector.undo(client)
    assert path.read_text(encoding="utf-8") == SETTINGS
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_a_second_time_with_the_same_facts_writes_nothing(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    before = path.stat()
    written = connector.connect(client_of("claude-code"), PLAIN)
    assert written.before == written.after
    assert path.stat().st_ino == before.st_ino


def test_what_the_user_changed_elsewhere_meanwhile_stays(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    path.write_text(path.read_text(encoding="utf-8").replace("Bash(ls)", "Bash(cat)"), encoding="utf-8")
    connector.connect(client_of("claude-code"), OTHER)
    undone = connector.undo(client_of("claude-code"))
    assert undone is not None
    assert undone.backup is not None, "it is not the file that was backed up any more"
    assert path.read_text(encoding="utf-8") == SETTINGS.replace("Bash(ls)", "Bash(cat)")


def test_what_of_ours_was_changed_by_hand_stays_and_is_told(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    path.write_text(path.read_text(encoding="utf-8").replace('"starter"', '"mine"', 1), encoding="utf-8")
    undone = connector.undo(client_of("claude-code"))
    assert undone is not None
    assert undone.left == ("env.ANTHROPIC_MODEL",) or undone.left == ("env.ANTHROPIC_SMALL_FAST_MODEL",)
    assert '"mine"' in path.read_text(encoding="utf-8")
    assert "ANTHROPIC_BASE_URL" not in path.read_text(encoding="utf-8")


def test_a_set_up_that_the_user_pasted_is_not_ours_to_take_back(connector: Connector, home: Path) -> None:
    connector.connect(client_of("claude-code"), PLAIN)
    path = home / ".claude" / "settings.json"
    pasted = path.read_text(encoding="utf-8")
    connector.undo(client_of("claude-code"))
    path.write_text(pasted, encoding="utf-8")
    written = connector.connect(client_of("claude-code"), PLAIN)
    assert written.before == written.after
    assert connector.undo(client_of("claude-code")) is None
    assert path.read_text(encoding="utf-8") == pasted


def test_undo_when_the_file_has_gone_is_the_end_of_it(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    path.unlink()
    assert connector.undo(client_of("claude-code")) is not None
    assert not path.exists()
    assert connector.undo(client_of("claude-code")) is None


def test_a_backup_of_another_time_is_not_overwritten(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    old = path.with_name("settings.json.before-traypoint")
    old.write_text("older", encoding="utf-8")
    written = connector.connect(client_of("claude-code"), PLAIN)
    assert written.backup == path.with_name("settings.json.before-traypoint-2")
    assert old.read_text(encoding="utf-8") == "older"


@pytest.mark.parametrize("broken", ['{"a": ', '{"env": 1}', "\x00"])
def test_a_file_that_can_t_be_read_is_left_as_it_is(broken: str, connector: Connector, home: Path) -> None:
    path = write_settings(home, broken)
    with pytest.raises(ClientError, match=r"settings\.json was left as it is: .* --print"):
        connector.connect(client_of("claude-code"), PLAIN)
    assert path.read_text(encoding="utf-8") == broken
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]
    assert not connector.is_connected(client_of("claude-code"))


def test_bytes_that_are_no_text_are_left_as_they_are(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ClientError, match="is not UTF-8"):
        connector.connect(client_of("claude-code"), PLAIN)


def test_undo_of_a_file_that_has_become_unreadable_changes_nothing(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ClientError, match=r"can't be read any more .*before-traypoint"):
        connector.undo(client_of("claude-code"))
    assert path.read_text(encoding="utf-8") == "{"
    assert connector.is_connected(client_of("claude-code"))


def test_a_link_within_the_home_folder_is_followed_and_stays(connector: Connector, home: Path) -> None:
    path = write_settings(home)
    kept = home / "dotfiles" / "claude.json"
    kept.parent.mkdir()
    path.rename(kept)
    path.symlink_to(kept)
    connector.connect(client_of("claude-code"), PLAIN)
    assert path.is_symlink()
    assert "ANTHROPIC_BASE_URL" in kept.read_text(encoding="utf-8")
    connector.undo(client_of("claude-code"))
    assert kept.read_text(encoding="utf-8") == SETTINGS


@pytest.mark.parametrize("linked", ["file", "folder", "nowhere"])
def test_a_link_that_leads_out_of_the_home_folder_is_not_followed(
    linked: str, connector: Connector, home: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text(SETTINGS, encoding="utf-8")
    if linked == "folder":
        (home / ".claude").symlink_to(outside)
    else:
        (home / ".claude").mkdir()
        target = outside / ("settings.json" if linked == "file" else "new.json")
        (home / ".claude" / "settings.json").symlink_to(target)
    with pytest.raises(ClientError, match=r"leads to .*outside.* nothing is written there"):
        connector.connect(client_of("claude-code"), PLAIN)
    assert [each.name for each in outside.iterdir()] == ["settings.json"]
    assert (outside / "settings.json").read_text(encoding="utf-8") == SETTINGS


def test_a_link_put_in_the_file_s_place_later_is_not_followed_by_undo(
    connector: Connector, home: Path, tmp_path: Path
) -> None:
    path = write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    secret = tmp_path / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(ClientError, match="nothing is written there"):
        connector.undo(client_of("claude-code"))
    assert secret.read_text(encoding="utf-8") == "{}"


def test_a_folder_that_a_variable_names_may_lie_anywhere(home: Path, tmp_path: Path) -> None:
    connector = make(home, tmp_path, {"CODEX_HOME": str(tmp_path / "elsewhere")})
    connector.connect(client_of("codex"), PLAIN)
    assert (tmp_path / "elsewhere" / "config.toml").exists()
    assert not (home / ".codex").exists()


def test_a_client_that_looks_elsewhere_now_is_first_to_be_taken_back(home: Path, tmp_path: Path) -> None:
    make(home, tmp_path).connect(client_of("codex"), PLAIN)
    moved = make(home, tmp_path, {"CODEX_HOME": str(tmp_path / "elsewhere")})
    with pytest.raises(ClientError, match="traypoint connect codex --undo"):
        moved.connect(client_of("codex"), PLAIN)
    assert moved.undo(client_of("codex")) is not None
    assert not (home / ".codex" / "config.toml").exists()


def test_what_is_no_plain_file_is_left_alone(connector: Connector, home: Path) -> None:
    (home / ".claude" / "settings.json").mkdir(parents=True)
    with pytest.raises(ClientError, match="is no file"):
        connector.connect(client_of("claude-code"), PLAIN)


def test_a_place_that_can_t_be_reached_is_told(connector: Connector, home: Path) -> None:
    (home / ".claude").write_text("a file", encoding="utf-8")
    with pytest.raises(ClientError, match=r"settings\.json: can't be read: Not a directory"):
        connector.connect(client_of("claude-code"), PLAIN)


def test_a_record_that_can_t_be_read_is_an_error_that_says_where(
    connector: Connector, home: Path, tmp_path: Path
) -> None:
    write_settings(home)
    connector.connect(client_of("claude-code"), PLAIN)
    record = tmp_path / "state" / "claude-code.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    record.write_text(json.dumps(json.loads(record.read_text(encoding="utf-8")) | {"schema": 99}), encoding="utf-8")
    with pytest.raises(ClientError, match=r"claude-code\.json.*schema 99"):
        connector.undo(client_of("claude-code"))


def test_a_client_without_a_file_has_nothing_to_write(connector: Connector) -> None:
    with pytest.raises(ClientError, match="traypoint connect curl --print"):
        connector.connect(client_of("curl"), PLAIN)
