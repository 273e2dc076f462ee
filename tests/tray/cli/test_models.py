"""`traypoint models`, from its words to what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from endpoint.contract import ModelRef
from tests.tray.models.homes import add_gguf, add_mlx, add_to_hub
from tray.__main__ import main
from tray.cli.models import is_same


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with a model for each provider."""
    for name in ("PROVIDER", "MODEL", "CTX_SIZE", "PARALLEL"):
        monkeypatch.delenv(f"TRAYPOINT_{name}", raising=False)
        monkeypatch.delenv(f"ABSTRACTENDPOINT_{name}", raising=False)
    for name in ("HF_HOME", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS", "XDG_CACHE_HOME", "LLAMA_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TRAYPOINT_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "80")
    add_gguf(tmp_path / "config" / "data" / "models" / "own.gguf")
    add_to_hub(tmp_path / "hub", "mlx-community/Tiny", "abc", add_mlx(tmp_path / "repo"))
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["models", *words, "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["models"]
    return found


def test_it_lists_what_is_here_by_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    places = ["Comes with Traypoint", "Traypoint's own folder", "Hugging Face cache"]
    assert [line for line in shown.splitlines()[1:] if line and not line.startswith((" ", "*"))] == places
    assert "* SmolLM2-135M" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_json_names_what_the_endpoint_takes(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert [(each["provider"], each["model"]) for each in ask(capsys)] == [
        ("llamacpp", "starter"),
        ("llamacpp", str(home / "config" / "data" / "models" / "own.gguf")),
        ("mlx", "mlx-community/Tiny"),
    ]


def test_names_alone_are_what_a_shell_completes(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / "config" / "data" / "models" / "broken.gguf").write_bytes(b"GGUF")
    assert main(["models", "--names"]) == 0
    names = capsys.readouterr().out.splitlines()
    assert set(names) == {each["name"] for each in ask(capsys) if not each["problem"]}
    assert len(names) >= 3


@pytest.mark.parametrize(("provider", "names"), [("gguf", ["starter", "own.gguf"]), ("mlx", ["Tiny"])])
def test_a_provider_may_be_chosen_by_any_of_its_names(
    provider: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(capsys, "--provider", provider)
    assert [each["model"].rpartition("/")[2] for each in found] == names


def test_folders_from_the_settings_are_looked_into(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    add_gguf(home / "added" / "mine.gguf")
    (home / "config" / "settings.toml").write_text('[models]\nfolders = ["~/added"]\n')
    assert "mine" in [each["name"] for each in ask(capsys)]


def test_the_model_of_the_environment_has_the_star(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAYPOINT_MODEL", "~/config/data/models/own.gguf")
    assert [each["name"] for each in ask(capsys) if each["chosen"]] == ["own"]


def test_the_context_of_the_environment_is_what_is_rated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAYPOINT_CTX_SIZE", "1000")
    assert {each["fit"]["context"] for each in ask(capsys)} == {1000}


def test_without_any_it_says_where_to_put_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "empty"))
    assert main(["models", "--provider", "mlx"]) == 0
    assert str(home / "config" / "data" / "models") in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--provider", "ollama"], ["--provide", "mlx"], ["more"]])
def test_a_wrong_word_is_a_mistake_in_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["models", *words])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("traypoint: error: ")
    assert said.count("\n") == 1


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["models", "--help"])
    shown = capsys.readouterr().out
    assert "traypoint models --json" in shown
    assert max(map(len, shown.splitlines())) <= 120


@pytest.mark.parametrize(
    ("chosen", "found", "same"),
    [
        (ModelRef("gguf", "starter"), ModelRef("llamacpp", "starter"), True),
        (ModelRef("llamacpp", "/a/../a/m"), ModelRef("llamacpp", "/a/m"), False),
        (ModelRef("mlx", "starter"), ModelRef("llamacpp", "starter"), False),
        (ModelRef("mlx", "a/b"), ModelRef("mlx", "a/b"), True),
        (ModelRef("nobody's", "m"), ModelRef("llamacpp", "m"), False),
        (ModelRef("llamacpp", "~nobody-of-this-name/m"), ModelRef("llamacpp", "m"), False),
    ],
)
def test_a_model_is_the_chosen_one_by_what_its_name_means(chosen: ModelRef, found: ModelRef, same: bool) -> None:
    assert is_same(chosen, found) is same
