"""From what a verb raises to one line and an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

import tray.__main__
from tray.cli.verb import Verb
from tray.errors import OptionError, SettingsError, TrayError


def run_verb(monkeypatch: pytest.MonkeyPatch, perform: Callable[[argparse.Namespace], int]) -> int:
    """The exit code when the verb does this."""
    verb = Verb("", "", lambda _parser: None, perform)
    monkeypatch.setattr(tray.__main__, "load_verb", lambda _name: verb)
    return tray.__main__.main(["logs"])


def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def perform(_: argparse.Namespace) -> int:
        raise error

    return perform


def test_a_verbs_code_is_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_verb(monkeypatch, lambda _parsed: 3) == 3


@pytest.mark.parametrize(("error", "code"), [(OptionError("x"), 2), (SettingsError("x"), 5), (TrayError("x"), 1)])
def test_an_error_is_one_line_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: TrayError, code: int
) -> None:
    assert run_verb(monkeypatch, raising(error)) == code
    assert capsys.readouterr() == ("", "traypoint: error: x\n")


def test_ctrl_c_ends_a_verb_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_verb(monkeypatch, raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "")


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        run_verb(monkeypatch, raising(ZeroDivisionError()))
