"""`traypoint config edit`: a draft is edited, and only one without a mistake takes the file's place."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tray.cli.editing import choose_editor, edit_settings
from tray.errors import DesktopError, SettingsError
from tray.inspection import inspect_text
from tray.template import write_template

GOOD = "[endpoint]\nport = 8003\n"
BAD = "[endpoint]\nport = 99999\n"


class Person(io.StringIO):
    """Somebody at a terminal, with answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def editor(tmp_path: Path, *texts: str) -> dict[str, str]:
    """An environment whose editor writes these texts, one each time it is started."""
    for number, text in enumerate(texts):
        (tmp_path / f"text{number}").write_text(text)
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "text = min(here.glob('text?'))\n"
        "pathlib.Path(sys.argv[1]).write_text(text.read_text())\n"
        "text.unlink()\n"
    )
    return {"VISUAL": f"'{sys.executable}' '{script}'"}


def test_a_mistake_is_shown_with_its_line_and_edited_again(file: Path, tmp_path: Path) -> None:
    err = io.StringIO()
    assert edit_settings(file, editor(tmp_path, BAD, GOOD), Person("y\n"), err) == 0
    assert "line 2: endpoint.port must be a whole number" in err.getvalue()
    assert "  2 | port = 99999" in err.getvalue()
    assert file.read_text() == GOOD
    assert not file.with_name("settings.draft.toml").exists()


@pytest.mark.parametrize("answers", [Person("n\n"), Person(""), io.StringIO()])
def test_a_mistake_that_stays_leaves_the_file_and_keeps_the_draft(
    file: Path, tmp_path: Path, answers: io.StringIO
) -> None:
    file.write_text(GOOD)
    with pytest.raises(SettingsError, match=r"is as it was; what you wrote is kept in .*settings\.draft\.toml"):
        edit_settings(file, editor(tmp_path, BAD), answers, io.StringIO())
    assert file.read_text() == GOOD
    assert file.with_name("settings.draft.toml").read_text() == BAD


def test_a_draft_that_was_kept_is_gone_on_with(file: Path) -> None:
    file.with_name("settings.draft.toml").write_text(GOOD)
    err = io.StringIO()
    edit_settings(file, {"EDITOR": "true"}, io.StringIO(), err)
    assert "going on with" in err.getvalue()
    assert file.read_text() == GOOD


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        f"pathlib.Path({str(file)!r}).write_text('[endpoint]\\nport = 1\\n')\n"
        f"pathlib.Path(sys.argv[1]).write_text({GOOD!r})\n"
    )
    with pytest.raises(SettingsError, match="changed by another program meanwhile"):
        edit_settings(file, {"EDITOR": f"'{sys.executable}' '{script}'"}, io.StringIO(), io.StringIO())
    assert "port = 1" in file.read_text()


def test_an_editor_that_fails_or_is_not_there_changes_nothing(file: Path) -> None:
    file.write_text(GOOD)
    for name, told in (("false", "ended with code 1"), ("/no/such/editor", "can't be started")):
        with pytest.raises(DesktopError, match=told):
            edit_settings(file, {"EDITOR": name}, io.StringIO(), io.StringIO())
    assert file.read_text() == GOOD


def test_the_first_file_has_every_key_as_a_comment_that_can_be_used() -> None:
    assert inspect_text(write_template()).values == {}
    uncommented = [
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in write_template().splitlines()
        if not line.endswith("= ")
    ]
    found = inspect_text("\n".join(uncommented))
    assert not found.mistakes
    assert not found.unknown
    assert found.values["endpoint.port"] == 8001
    assert found.values['model."owner/name".ctx_size'] == 8192


def test_the_editor_is_the_users_else_one_that_is_there(tmp_path: Path) -> None:
    assert choose_editor({"VISUAL": "code --wait", "EDITOR": "vi"}, is_terminal=False) == ["code", "--wait"]
    nano = tmp_path / "nano"
    nano.touch(mode=0o755)
    assert choose_editor({"PATH": str(tmp_path)}, is_terminal=True, platform="linux") == ["nano"]


def test_without_an_editor_it_says_how_to_name_one() -> None:
    with pytest.raises(DesktopError, match="no terminal to edit in: set VISUAL or EDITOR"):
        choose_editor({}, is_terminal=False)
    with pytest.raises(DesktopError, match="No editor found"):
        choose_editor({"PATH": "/nowhere"}, is_terminal=True, platform="linux")
