"""`traypoint config`, from its words to the file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.tray.cli.environment import clear_environment
from tray.__main__ import main


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What it prints: on standard output when it succeeds, else the one line on standard error."""
    assert main(["config", *words]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def test_a_default_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "get", "port") == "8001\n"
    assert said(capsys, "get", "endpoint.port", "--show-origin") == "8001  (default)\n"
    assert said(capsys, "get", "ctx_size") == "\n"


def test_what_is_set_is_saved_and_read(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert said(capsys, "set", "port", "8005").startswith("endpoint.port = 8005 (a running Traypoint takes it up")
    assert "port = 8005" in file.read_text()
    assert said(capsys, "get", "port", "--show-origin") == "8005  (file)\n"


def test_a_setting_of_one_model_is_saved_in_a_table_of_its_name(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    told = said(capsys, "set", "ctx_size", "4096", "--model", "smollm2")
    assert told.startswith('model."starter".ctx_size = 4096 (')
    assert "[model.starter]\nctx_size = 4096\n" in file.read_text()
    assert said(capsys, "get", "ctx_size", "--model", "starter", "--show-origin") == "4096  (file)\n"
    assert said(capsys, "get", "model.starter.ctx_size") == "4096\n"
    assert said(capsys, "get", "ctx_size") == "\n"
    assert said(capsys, "unset", "ctx_size", "--model", "starter").startswith('model."starter".ctx_size: as for all')
    assert "model" not in file.read_text()


def test_without_one_of_its_own_a_model_has_the_setting_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "set", "threads", "3")
    found = {each["key"]: each["value"] for each in json.loads(said(capsys, "list", "--model", "starter", "--json"))}
    assert (found["endpoint.threads"], "endpoint.port" in found) == (3, False)


def test_the_list_ends_with_what_models_have_of_their_own(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("[model.gone]\ntemperature = 0.2\n")
    assert said(capsys, "list").splitlines()[-1].split()[:3] == ['model."gone".temperature', "0.2", "file"]
    said(capsys, "unset", "temperature", "--model", "gone")
    assert "gone" not in file.read_text()


def test_a_setting_for_all_that_the_chosen_model_overrules_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "set", "ctx_size", "4096", "--model", "starter")
    assert main(["config", "set", "ctx_size", "8192"]) == 0
    assert 'model."starter".ctx_size = 4096 wins over it, for that model' in capsys.readouterr().err


def test_what_can_not_be_said_for_one_model_is_refused(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    refused = said(capsys, "set", "port", "1", "--model", "starter", code=2)
    assert "endpoint.port is for all models; for one alone there can be ctx_size, " in refused
    assert "no model 'nope' is installed" in said(capsys, "set", "threads", "1", "--model", "nope", code=2)
    assert not file.exists()


def test_a_negative_number_is_a_value_and_no_flag(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "set", "gpu_layers", "-1")
    assert said(capsys, "get", "gpu_layers") == "-1\n"


def test_the_environment_wins_and_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAYPOINT_PORT", "9000")
    found = json.loads(said(capsys, "get", "port", "--json"))
    assert (found["value"], found["origin"], found["where"]) == (9000, "environment", "TRAYPOINT_PORT")
    assert main(["config", "set", "port", "8005"]) == 0
    assert "TRAYPOINT_PORT is set in this shell, and wins" in capsys.readouterr().err


def test_unset_brings_the_default_back_and_keeps_comments(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("# mine\n[endpoint]\nport = 8005\n")
    assert said(capsys, "unset", "port").startswith("endpoint.port: 8001 (")
    assert "# mine" in file.read_text()
    assert said(capsys, "get", "port") == "8001\n"


def test_unset_of_what_is_not_set_writes_nothing(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    said(capsys, "unset", "notifications")
    assert not file.exists()


def test_a_wrong_value_is_refused_and_nothing_is_written(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert "endpoint.port must be a whole number from 0 to 65535" in said(capsys, "set", "port", "99999", code=2)
    assert not file.exists()


def test_an_unknown_key_is_told_with_names_that_are_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "get", "prot", code=2) == (
        "traypoint: error: there is no setting 'prot'; did you mean port? (`traypoint config list` shows all)\n"
    )


def test_set_mends_its_own_key_and_tells_of_the_others(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("[endpoint]\nport = 99999\nthreads = 0\n")
    assert "line 2: endpoint.port must be" in said(capsys, "list", code=5)
    assert main(["config", "set", "port", "8002"]) == 0
    assert "line 3: endpoint.threads must be" in capsys.readouterr().err
    assert "port = 8002" in file.read_text()


@pytest.mark.parametrize("text", ["port = = 3", "schema = 99\n", "endpoint = 3\n"])
def test_a_file_that_is_not_understood_is_never_written_to(
    capsys: pytest.CaptureFixture[str], file: Path, text: str
) -> None:
    file.write_text(text)
    assert "nothing was changed" in said(capsys, "set", "port", "8002", code=5)
    assert said(capsys, "get", "port", code=5).startswith(f"traypoint: error: {file}: line 1: ")
    assert file.read_text() == text
    assert list(file.parent.iterdir()) == [file]


def test_a_model_that_lies_here_is_saved_by_its_whole_path(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.gguf").touch()
    monkeypatch.chdir(tmp_path)
    said(capsys, "set", "model", "m.gguf")
    assert said(capsys, "get", "model") == f"{tmp_path / 'm.gguf'}\n"
    said(capsys, "set", "model", "owner/name")
    assert said(capsys, "get", "model") == "owner/name\n"


def test_the_list_has_every_key_with_its_meaning(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("[app]\nnotifications = false\n")
    shown = said(capsys, "list")
    (line,) = (line for line in shown.splitlines() if line.startswith("app.notifications"))
    assert line.split(maxsplit=3)[1:] == ["false", "file", "tell when the model is ready, and when something failed"]
    listed = json.loads(said(capsys, "list", "--json"))
    assert {each["key"]: each["value"] for each in listed}["app.notifications"] is False
    assert len(listed) == len(shown.splitlines())


def test_the_path_is_told_whether_the_file_is_there_or_not(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert said(capsys, "path") == f"{file}\n"


def test_edit_saves_what_the_editor_leaves(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('[endpoint]\\nport = 8003\\n')"
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" -c "{program}"')
    said(capsys, "edit")
    assert file.read_text() == "[endpoint]\nport = 8003\n"
