"""What is ours in a text, set and taken back; all else stays to the byte."""

from __future__ import annotations

import json

import pytest

from tests.tray.clients.nasty import FACTS, PLAIN
from tray.clients.catalogue import find_client
from tray.clients.changes import edit, revert
from tray.clients.edits.members import BadDocument
from tray.clients.values import ClientFacts, FileSetup, Format

TEXTS = {
    "claude-code": [
        '{\n  // mine\n  "env": {\n    "A": "1"\n  },\n  "permissions": {"allow": []}, // trailing\n}\n',
        '{ "model": "opus",\r\n\t"env": {}\r\n}\r\n',
        '{"a": 1}',
        '{"env": {"ANTHROPIC_MODEL": "opus"}, "a": 1}',
        "{\n}\n",
        '\ufeff// top\n{ // first\n\n    "x": [1, 2,],\n    /* last */\n}\n// end',
        '{"env":{"ANTHROPIC_BASE_URL":"https://elsewhere"}}\n',
    ],
    "opencode": [
        '{\n  "$schema": "https://opencode.ai/config.json",\n  "provider": {\n    "other": {"npm": "x"}\n  }\n}',
        '{\n\t"model": "a/b", // chosen\n\t"provider": {},\n}\n',
    ],
    "zed": [
        (
            "// Zed settings\n//\n// For information on how to configure Zed\n"
            '{\n  "theme": {\n    "mode": "system", // dark\n  },\n  "agent": {\n    "default_model": {\n'
            '      "provider": "zed.dev",\n      "model": "sonnet",\n      "enable_thinking": false\n    }\n  },\n}\n'
        ),
    ],
    "vscode": [
        '[\n\t{\n\t\t"name": "Azure",\n\t\t"vendor": "azure"\n\t}\n]',
        "[]",
        '[{"name": "Traypoint", "vendor": "customoai"}, {"name": "B"}]\n',
    ],
    "qwen-code": ['{"$version": 3, "modelProviders": {"openai": [{"id": "a"}]}, "model": {"name": "a"}}'],
    "pi": ['{\n  "providers": {\n    "ollama": { "baseUrl": "http://x" }\n  }\n}\n'],
    "codex": [
        '# mine\nmodel = "gpt-5" # the best\napproval_policy = "never"\n\n[mcp_servers.x]\ncommand = "y" # z\n',
        '[model_providers.other]\nname = "o"\nbase_url = "http://o"\n\n[tui]\ntheme = "x"\n',
        '[projects."/a b"]\ntrust_level = "trusted"\n',
        "# nothing yet\n",
        "a = 1\r\n[b]\r\nc = 2\r\n",
        '[model_providers.a]\nname = "a"\n\n[tui]\n\n[model_providers.b]\nname = "b"\n',
        "model_providers.traypoint.name = 'old'\n",
    ],
    "aider": [
        "# my options\nmodel: gpt-4o  # the best\ndark-mode: true\n\nread:\n  - CONVENTIONS.md\n",
        'dark-mode: true\r\n"model": sonnet\r\n',
        "---\nedit-format: |\n  whole\n",
        "read:\n- a\n- b\nmodel:\nauto-commits: no",
    ],
    "continue": [
        (
            "name: Mine\nversion: 0.0.1\nschema: v1\n# models\nmodels:\n  # first\n  - name: Claude\n"
            "    provider: anthropic\n"
            "    roles:\n      - chat\n\n# context\ncontext:\n  - provider: code\n"
        ),
        "name: Local Config\nversion: 1.0.0\nschema: v1\nmodels: []\n",
        "models:\n- name: a\n- name: Traypoint\n  provider: old\n  # kept\n  model: x\n- name: b\nrules: []\n",
    ],
    "llm": [
        "- model_id: a\n  model_name: b\n",
        "# none\n",
        "- model_id: traypoint\n  model_name: old\n- model_id: z\n",
    ],
}
CASES = [(name, text) for name, texts in TEXTS.items() for text in ("", *texts)]


def setup_of(name: str) -> FileSetup:
    client = find_client(name)
    assert client is not None
    assert client.file is not None
    return client.file


@pytest.mark.parametrize(("name", "text"), CASES)
def test_taking_back_gives_the_same_text_to_the_byte(name: str, text: str) -> None:
    setup = setup_of(name)
    edited = edit(text, setup, PLAIN)
    back = revert(edited.text, setup.format, edited.changes)
    assert not back.left
    if back.text != text:  # what may differ is blank: the inside of a container that was empty, a last end of line
        assert "".join(back.text.split()) in ("".join(text.split()), *(("{}", "[]") if not text else ()))
        assert not text.strip(" \r\n{}[]") or not text.endswith("\n")


@pytest.mark.parametrize(("name", "text"), CASES)
def test_a_second_time_changes_nothing(name: str, text: str) -> None:
    setup = setup_of(name)
    once = edit(text, setup, PLAIN)
    assert edit(once.text, setup, PLAIN).text == once.text
    assert not edit(once.text, setup, PLAIN).changes


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: repr(facts.model)[:20])
@pytest.mark.parametrize(("name", "text"), [(name, texts[0]) for name, texts in TEXTS.items()])
def test_whatever_the_model_is_called_it_can_be_set_and_taken_back(name: str, text: str, facts: ClientFacts) -> None:
    setup = setup_of(name)
    edited = edit(text, setup, facts)
    assert revert(edited.text, setup.format, edited.changes).text == text


def test_only_our_members_change_and_comments_stay() -> None:
    assert edit(TEXTS["zed"][0], setup_of("zed"), PLAIN).text == (
        "// Zed settings\n//\n// For information on how to configure Zed\n"
        '{\n  "language_models": {\n    "openai_compatible": {\n      "Traypoint": {\n'
        '        "api_url": "http://127.0.0.1:8001/v1",\n        "available_models": [\n          {\n'
        '            "name": "starter",\n            "display_name": "starter",\n            "max_tokens": 65536,\n'
        '            "max_output_tokens": 4096\n          }\n        ]\n      }\n    }\n  },\n'
        '  "theme": {\n    "mode": "system", // dark\n  },\n  "agent": {\n    "default_model": {\n'
        '      "provider": "Traypoint",\n      "model": "starter",\n      "enable_thinking": false\n    }\n  },\n}\n'
    )
    assert edit(TEXTS["codex"][0], setup_of("codex"), PLAIN).text == (
        '# mine\nmodel = "starter" # the best\napproval_policy = "never"\nmodel_provider = "traypoint"\n'
        'model_context_window = 65536\n\n[mcp_servers.x]\ncommand = "y" # z\n\n[model_providers.traypoint]\n'
        'name = "Traypoint"\nbase_url = "http://127.0.0.1:8001/v1"\nwire_api = "responses"\n'
    )
    assert edit(TEXTS["aider"][0], setup_of("aider"), PLAIN).text == (
        "# my options\nmodel: openai/starter  # the best\ndark-mode: true\n\nread:\n  - CONVENTIONS.md\n"
        "openai-api-base: http://127.0.0.1:8001/v1\nopenai-api-key: none\nshow-model-warnings: false\n"
    )
    assert edit('{"a": 1}', setup_of("claude-code"), PLAIN).text.endswith('TRAFFIC": "1"}, "a": 1}')


@pytest.mark.parametrize("name", ["claude-code", "codex", "aider"])
def test_lines_end_as_the_file_s_lines_do(name: str) -> None:
    setup = setup_of(name)
    edited = edit(TEXTS[name][0].replace("\n", "\r\n"), setup, PLAIN)
    assert edited.text.count("\n") == edited.text.count("\r\n")
    assert edited.text == edit(TEXTS[name][0], setup, PLAIN).text.replace("\n", "\r\n")


def test_what_the_user_adds_elsewhere_stays_when_ours_is_taken_back() -> None:
    setup = setup_of("zed")
    text = TEXTS["zed"][0]
    edited = edit(text, setup, PLAIN)
    added = edited.text.replace('"mode": "system"', '"mode": "dark"').replace("},\n}\n", '},\n  "vim_mode": true,\n}\n')
    expected = text.replace('"mode": "system"', '"mode": "dark"').replace("},\n}\n", '},\n  "vim_mode": true,\n}\n')
    assert added != edited.text
    assert revert(added, setup.format, edited.changes).text == expected


def test_a_file_that_the_client_wrote_anew_in_its_own_way_can_still_be_taken_back() -> None:
    setup = setup_of("claude-code")
    edited = edit('{\n    "a": 1\n}\n', setup, PLAIN)
    rewritten = json.dumps(json.loads(edited.text) | {"b": 2}, indent=2, sort_keys=True)
    assert json.loads(revert(rewritten, setup.format, edited.changes).text) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("claude-code", '"ANTHROPIC_MODEL": "starter"', '"ANTHROPIC_MODEL": "opus"'),
        ("codex", 'model = "starter"', 'model = "gpt-5"'),
        ("aider", "model: openai/starter", "model: sonnet"),
        ("continue", "maxTokens: 4096", "maxTokens: 99"),
    ],
)
def test_a_member_that_someone_changed_stays_and_is_told(name: str, ours: str, theirs: str) -> None:
    setup = setup_of(name)
    edited = edit("", setup, PLAIN)
    assert ours in edited.text
    back = revert(edited.text.replace(ours, theirs), setup.format, edited.changes)
    assert theirs in back.text
    assert len(back.left) == 1
    assert "http://localhost" not in back.text or name == "continue"


def test_a_member_that_someone_removed_is_no_matter() -> None:
    setup = setup_of("claude-code")
    edited = edit("", setup, PLAIN)
    back = revert("{}", setup.format, edited.changes)
    assert (back.text, back.left) == ("{}", ())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("claude-code", '{"a": 1', "line 1, column 8: the file ends too early"),
        ("claude-code", '{"a": 1}\n}', "line 2, column 1: something after the end"),
        ("claude-code", '{"a" 1}', "no : after a key"),
        ("claude-code", '{"a": 1 "b": 2}', "no comma"),
        ("claude-code", "{'a': 1}", 'no "key" and no }'),
        ("claude-code", '{"a": "\n"}', "a text that doesn't end"),
        ("claude-code", '{"a": tru}', "no value"),
        ("claude-code", "[" * 5000, "levels"),
        ("claude-code", '{"env": []}', "env is not an object"),
        ("claude-code", "[]", "the whole file is not an object"),
        ("vscode", "{}", "the whole file is not a list"),
        ("codex", "model = ", "line 1"),
        ("codex", "model_providers = 1\n", "model_providers is not a table"),
        ("aider", "a: [1", "expected"),
        ("aider", "a: 1\n---\nb: 2\n", "single document"),
        ("aider", "{a: 1}\n", "written in brackets"),
        ("aider", "- a\n", "not a mapping"),
        ("aider", "model: |\n  x\n", "model is no plain value"),
        ("aider", "a: 1\n...\n", "document's end"),
        ("continue", "models: [{name: a}]\n", "models is written in brackets"),
        ("continue", "models: 1\n", "models is not a list"),
        ("continue", "models:\n  -\n    name: a\n", "the line of its dash"),
        ("llm", "a: 1\n", "the whole file is not a list"),
        ("llm", "[]\n", "empty list in brackets"),
    ],
)
def test_a_text_that_can_t_be_read_or_changed_is_refused_with_the_reason(name: str, text: str, said: str) -> None:
    with pytest.raises(BadDocument) as caught:
        edit(text, setup_of(name), PLAIN)
    assert said in str(caught.value)


def test_an_alias_bomb_takes_no_time() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *a]\n" for n in range(50))
    assert setup_of("aider").format is Format.YAML
    assert edit(bomb, setup_of("aider"), PLAIN).text.startswith(bomb)
