"""Every set-up is right in its format, whatever the model is called."""

from __future__ import annotations

import ast
import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tray.clients.nasty import FACTS, PLAIN, TEXTS
from tray.clients.catalogue import CLIENTS, find_client
from tray.clients.client import Client
from tray.clients.edits.json_text import parse
from tray.clients.quoting import quote_code
from tray.clients.values import ClientFacts, Format, Machine
from tray.clients.whole_files import all_members

FILED = [client for client in CLIENTS if client.file is not None]
SHELL = ["claude-code", "copilot", "curl", "environment"]


def read(text: str, format_: Format) -> Any:
    if format_ is Format.TOML:
        return tomllib.loads(text)
    return parse(text).value if format_ is Format.JSON else yaml.safe_load(text)


def name_of(value: Any) -> str:
    return value.name if isinstance(value, Client) else repr(value.model)[:20]


def words_of(commands: str, tmp_path: Path) -> list[str]:
    """What a shell makes of it: `env` and `curl` are commands that print what they are given."""
    for tool in ("curl",):
        (tmp_path / tool).write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n', encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    script = commands if commands.startswith("curl") else f"{commands}\nenv -0"
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().split("\0")


@pytest.mark.parametrize("facts", FACTS, ids=name_of)
@pytest.mark.parametrize("client", FILED, ids=name_of)
def test_a_settings_file_says_just_what_was_meant(client: Client, facts: ClientFacts) -> None:
    assert client.file is not None
    text = Client(client.name, client.title, client.start, file=client.file).text(facts)
    assert read(text, client.file.format) == all_members(client.file, facts)


@pytest.mark.parametrize("client", FILED, ids=name_of)
def test_the_first_line_says_which_file_it_is_for(client: Client) -> None:
    assert client.file is not None
    text = Client(client.name, client.title, client.start, file=client.file).text(PLAIN)
    assert client.file.shown in text.splitlines()[0]


@pytest.mark.parametrize("facts", FACTS, ids=name_of)
@pytest.mark.parametrize("name", SHELL)
def test_a_shell_takes_each_fact_as_one_word(name: str, facts: ClientFacts, tmp_path: Path) -> None:
    client = find_client(name)
    assert client is not None
    words = words_of(client.text(facts), tmp_path)
    assert any(facts.base_url in word or facts.root_url in word for word in words)
    if name == "curl":
        assert json.loads(words[-2])["model"] == facts.model
    elif name != "environment":
        assert f"{'COPILOT_MODEL' if name == 'copilot' else 'ANTHROPIC_MODEL'}={facts.model}" in words


@pytest.mark.parametrize("facts", FACTS, ids=name_of)
def test_python_code_gives_the_client_what_was_meant(facts: ClientFacts) -> None:
    client = find_client("openai-python")
    assert client is not None
    code = client.text(facts).replace("from openai import OpenAI", "OpenAI = dict")
    told: dict[str, Any] = {}
    exec(compile(code, "set-up", "exec"), told)
    assert told["client"] == {"base_url": facts.base_url, "api_key": facts.key}


@pytest.mark.parametrize("text", TEXTS)
def test_code_s_literals_are_the_same_in_python_and_javascript(text: str) -> None:
    assert ast.literal_eval(quote_code(text)) == text
    assert json.loads(quote_code(text)) == text, "what JSON reads, JavaScript reads alike"


@pytest.mark.parametrize("client", CLIENTS, ids=name_of)
def test_a_client_that_insists_on_a_key_gets_a_harmless_one_and_never_none(client: Client) -> None:
    text = client.text(ClientFacts("http://127.0.0.1:8001/v1", "m"))
    assert "None" not in text
    assert "null" not in text
    assert "Bearer" not in text


@pytest.mark.parametrize("client", CLIENTS, ids=name_of)
def test_the_key_that_the_endpoint_asks_for_is_told(client: Client) -> None:
    told = "tp-secret" in client.text(ClientFacts("http://10.0.0.7:8001/v1", "m", "tp-secret", 4096))
    assert told == (client.name != "zed"), "Zed keeps keys in the system's keychain"


def test_names_are_there_once_and_fit_a_command_line() -> None:
    names = [client.name for client in CLIENTS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)
    assert find_client("nothing") is None


@pytest.mark.parametrize(
    ("name", "platform", "env", "path"),
    [
        ("codex", "linux", {}, "/h/.codex/config.toml"),
        ("codex", "linux", {"CODEX_HOME": "/data/codex"}, "/data/codex/config.toml"),
        ("codex", "linux", {"CODEX_HOME": "~/c"}, "/h/c/config.toml"),
        ("claude-code", "darwin", {"CLAUDE_CONFIG_DIR": "/c"}, "/c/settings.json"),
        ("opencode", "darwin", {}, "/h/.config/opencode/opencode.json"),
        ("opencode", "linux", {"XDG_CONFIG_HOME": "/x"}, "/x/opencode/opencode.json"),
        ("opencode", "linux", {"XDG_CONFIG_HOME": "relative"}, "/h/.config/opencode/opencode.json"),
        ("opencode", "linux", {"OPENCODE_CONFIG": "/o/my.json"}, "/o/my.json"),
        ("aider", "linux", {}, "/h/.aider.conf.yml"),
        ("continue", "linux", {"CONTINUE_GLOBAL_DIR": "/k"}, "/k/config.yaml"),
        ("zed", "darwin", {"XDG_CONFIG_HOME": "/x"}, "/h/.config/zed/settings.json"),
        ("zed", "linux", {"XDG_CONFIG_HOME": "/x"}, "/x/zed/settings.json"),
        ("zed", "win32", {"APPDATA": "/a"}, "/a/Zed/settings.json"),
        ("vscode", "darwin", {}, "/h/Library/Application Support/Code/User/chatLanguageModels.json"),
        ("vscode", "linux", {}, "/h/.config/Code/User/chatLanguageModels.json"),
        ("vscode", "win32", {"APPDATA": "/a"}, "/a/Code/User/chatLanguageModels.json"),
        ("qwen-code", "linux", {"QWEN_HOME": "/q"}, "/q/settings.json"),
        ("llm", "linux", {"LLM_USER_PATH": "/l"}, "/l/extra-openai-models.yaml"),
        ("llm", "darwin", {}, "/h/Library/Application Support/io.datasette.llm/extra-openai-models.yaml"),
        ("pi", "linux", {"PI_CODING_AGENT_DIR": "/p"}, "/p/models.json"),
    ],
)
def test_the_file_is_where_the_client_looks_for_it(name: str, platform: str, env: dict[str, str], path: str) -> None:
    client = find_client(name)
    assert client is not None
    assert client.file is not None
    assert client.file.locate(Machine(Path("/h"), env, platform)).path == Path(path)


def test_opencode_s_other_file_is_taken_where_that_is_the_one_there(tmp_path: Path) -> None:
    other = tmp_path / ".config" / "opencode" / "opencode.jsonc"
    other.parent.mkdir(parents=True)
    other.write_text("{}", encoding="utf-8")
    client = find_client("opencode")
    assert client is not None
    assert client.file is not None
    assert client.file.locate(Machine(tmp_path, {}, "linux")).path == other
