"""`traypoint connect`, from its words to the files and what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tray.cache_server import Server, cache_server
from tray.__main__ import main
from tray.clients.catalogue import CLIENTS
from tray.clients.client import Client

SETTINGS = '{\n  "secret": "hunter2",\n  "env": {}\n}\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TRAYPOINT_PORT", "TRAYPOINT_HOST", "TRAYPOINT_MODEL", "TRAYPOINT_API_KEY", "TRAYPOINT_CTX_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ABSTRACTENDPOINT_PORT", "ABSTRACTENDPOINT_HOST", "ABSTRACTENDPOINT_MODEL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("USERPROFILE", str(made))
    monkeypatch.setenv("TRAYPOINT_CONFIG_DIR", str(tmp_path / "traypoint"))
    return made


@pytest.fixture
def server() -> Iterator[Server]:
    with cache_server() as made:
        made.body = json.dumps({"data": [{"id": "qwen", "context_length": 16384}]}).encode()
        yield made


def run(server: Server, *words: str) -> int:
    return main(["connect", *words, "--port", str(server.server_address[1])])


def settings_of(home: Path) -> Path:
    path = home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    return path


def test_it_writes_what_the_endpoint_says_and_shows_the_changed_lines_alone(
    server: Server, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings_of(home).write_text(SETTINGS, encoding="utf-8")
    assert run(server, "claude-code") == 0
    written = json.loads(settings_of(home).read_text(encoding="utf-8"))
    assert written["env"]["ANTHROPIC_MODEL"] == "qwen"
    assert written["env"]["ANTHROPIC_BASE_URL"] == f"http://127.0.0.1:{server.server_address[1]}"
    said = capsys.readouterr().out
    assert said.startswith("~/.claude/settings.json\n  -")
    assert '  +    "ANTHROPIC_MODEL": "qwen",\n' in said
    assert "hunter2" not in said
    assert "The file as it was: ~/.claude/settings.json.before-traypoint\nStart it with: claude\n" in said


def test_a_second_time_there_is_nothing_to_do(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    run(server, "codex")
    capsys.readouterr()
    assert run(server, "codex") == 0
    assert capsys.readouterr().out == "~/.codex/config.toml is set up already. Start it with: codex\n"


def test_undo_puts_the_file_back(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings_of(home).write_text(SETTINGS, encoding="utf-8")
    run(server, "claude-code")
    assert main(["connect", "claude-code", "--undo"]) == 0
    assert settings_of(home).read_text(encoding="utf-8") == SETTINGS
    capsys.readouterr()
    assert main(["connect", "claude-code", "--undo"]) == 0
    assert "nothing to undo" in capsys.readouterr().out


def test_undo_says_what_was_changed_by_hand(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(server, "claude-code")
    path = settings_of(home)
    path.write_text(path.read_text(encoding="utf-8").replace('_MODEL": "qwen"', '_MODEL": "x"', 1), encoding="utf-8")
    capsys.readouterr()
    assert main(["connect", "claude-code", "--undo"]) == 0
    assert "Changed since, and left as it is: env.ANTHROPIC_" in capsys.readouterr().out


def test_print_writes_nothing(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, "codex", "--print") == 0
    said = capsys.readouterr()
    assert said.out.startswith('# Codex: ~/.codex/config.toml\nmodel = "qwen"\n')
    assert said.err == "traypoint: Start it with: codex\n"
    assert not (home / ".codex").exists()


def test_a_client_without_a_file_is_printed(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, "curl") == 0
    said = capsys.readouterr()
    assert said.out.startswith("curl -s http://127.0.0.1:")
    assert said.err == "traypoint: Paste it into a terminal.\n"


def test_without_an_endpoint_the_settings_are_taken_and_a_note_says_so(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.code = 503
    assert run(server, "openai-python", "--model", "/m/a.gguf") == 0
    assert "nothing answers at http://127.0.0.1:" in capsys.readouterr().err


def test_a_key_is_written_and_not_shown(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, "claude-code", "--api-key", "tp-secret") == 0
    assert "tp-secret" in settings_of(home).read_text(encoding="utf-8")
    assert run(server, "claude-code", "--api-key", "another") == 0
    assert main(["connect", "claude-code", "--undo"]) == 0
    said = capsys.readouterr()
    assert '"ANTHROPIC_AUTH_TOKEN": …' in said.out
    assert "tp-secret" not in said.out + said.err
    assert "another" not in said.out + said.err


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.file], ids=lambda client: client.name)
def test_no_client_s_key_is_shown(client: Client, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    run(server, client.name, "--api-key", "tp-secret")
    main(["connect", client.name, "--undo"])
    assert "tp-secret" not in capsys.readouterr().out


def test_of_a_file_in_one_line_not_all_is_shown(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings_of(home).write_text(json.dumps({"a": 1, "b": "x" * 100, "other": "hunter2"}), encoding="utf-8")
    run(server, "claude-code")
    assert "hunter2" not in capsys.readouterr().out


def test_json_tells_it_to_programs(server: Server, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, "codex", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(home / ".codex" / "config.toml")
    assert (told["model"], told["n_ctx"], told["changed"], told["backup"]) == ("qwen", 16384, True, None)
    run(server, "curl", "--json")
    assert json.loads(capsys.readouterr().out)["text"].startswith("curl ")
    main(["connect", "codex", "--undo", "--json"])
    assert json.loads(capsys.readouterr().out)["changed"] is True
    main(["connect", "codex", "--undo", "--json"])
    assert json.loads(capsys.readouterr().out) == {"client": "codex", "file": None, "changed": False}


def test_the_list_shows_every_client_and_which_are_connected(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    run(server, "codex")
    capsys.readouterr()
    assert main(["connect", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CLIENTS)
    assert [line.split()[1] for line in lines if line.startswith("*")] == ["codex"]
    assert main(["connect", "--list", "--json"]) == 0
    assert {each["name"]: each["connected"] for each in json.loads(capsys.readouterr().out)}["codex"] is True


def test_a_file_that_can_t_be_read_is_one_line_and_exit_code_one(
    server: Server, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings_of(home).write_text("{", encoding="utf-8")
    assert run(server, "claude-code") == 1
    said = capsys.readouterr().err
    assert said.startswith("traypoint: error: ")
    assert said.count("\n") == 1
    assert settings_of(home).read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "there is no client 'nothing'; there are claude-code, codex"),
        ([], "name a client: claude-code"),
        (["codex", "--undo", "--print"], "not allowed with"),
        (["codex", "--port", "x"], "argument --port"),
    ],
)
def test_a_mistake_is_told_in_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(["connect", *words])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert said in capsys.readouterr().err


def test_help_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["connect", "--help"])
    shown = capsys.readouterr().out
    assert "traypoint connect claude-code" in shown
    assert max(map(len, shown.splitlines())) <= 120
