"""The tree of verbs: which one is meant, its flags, and mistakes in one line."""

from __future__ import annotations

import re

import pytest

from tests.tray.tunings import CHOSEN
from tray.cli.flags import read_choices
from tray.cli.parser import build_parser, parse_words
from tray.cli.verb import Verb
from tray.cli.verbs import VERBS, load_verb
from tray.options import Choices


def test_flags_the_user_leaves_out_stay_unset() -> None:
    assert read_choices(parse_words([])) == Choices()


def test_every_flag_is_read() -> None:
    argv = ["--provider", "gguf", "--model", "m", "--host", "::1", "--port", "8002", "--ctx-size", "4096"]
    argv += ["--kv-type", "Q8_0", "--speculation", "off", "--chat-template", "/t.jinja", "--temperature", "0.5"]
    argv += ["--top-p", ".9", "--top-k", "20", "--min-p", "0", "--repeat-penalty", "1.1"]
    argv += ["--presence-penalty", "-1", "--frequency-penalty", "1.5"]
    argv += ["--parallel", "2", "--threads", "3", "--gpu-layers", "-1", "--api-key", "k"]
    argv += ["--cache-ram", "100", "--cache-disk", "0", "--idle-unload", "600"]
    assert read_choices(parse_words(argv)) == read_choices(parse_words(["run", *argv])) == CHOSEN


@pytest.mark.parametrize("words", [[], ["--no-tray"], ["run"], ["run", "--no-tray"]])
def test_without_a_verb_it_runs(words: list[str]) -> None:
    assert parse_words(words).verb == "run"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--port", "99999"], "argument --port: must be a whole number from 0 to 65535"),
        (["--port", "eighty"], "argument --port: must be a whole number"),
        (["--model", ""], "argument --model: must be a text"),
        (["--ctx-size", "-1"], "argument --ctx-size: must be a whole number of at least 0 (0: as memory allows)"),
        (["--temperature", "3"], "argument --temperature: must be a number from 0 to 2, not '3'"),
        (["--kv-type", "q9"], "argument --kv-type: must be one of f16, "),
        (["--prot", "1"], "unrecognized arguments: --prot 1 (see traypoint run --help)"),
        (["--por", "1"], "unrecognized arguments: --por 1"),
        (["cache", "empty"], "argument deed: invalid choice: 'empty'"),
        (["config"], "the following arguments are required: DEED (see traypoint config --help)"),
        (["serve"], "there is no verb 'serve' (see traypoint --help)"),
        (["cnfig"], "there is no verb 'cnfig'; did you mean config? (see traypoint --help)"),
        ([""], "there is no verb ''"),
    ],
)
def test_a_mistake_is_one_line_and_the_exit_code_is_two(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_words(argv)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("traypoint: error: ")
    assert said in err
    assert err.count("\n") == 1


def test_help_lists_each_verb_in_one_line_with_exit_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        parse_words(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for name, told in VERBS.items():
        assert re.search(rf"^    {name} +{re.escape(told)}$", shown, re.MULTILINE)
    assert "98 the address can't be bound" in shown
    assert max(map(len, shown.splitlines())) <= 120


@pytest.mark.parametrize("name", VERBS)
def test_each_verbs_help_shows_examples_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_words([name, "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: traypoint {name}")
    assert "traypoint" in shown.partition("examples:\n")[2]
    assert max(map(len, shown.splitlines())) <= 120


@pytest.mark.parametrize("name", VERBS)
def test_each_line_of_the_table_has_its_file(name: str) -> None:
    assert isinstance(load_verb(name), Verb)


def test_a_tree_can_be_built_with_every_verb_in_it() -> None:
    assert build_parser(VERBS).parse_args(["cache", "clear"]).deed == "clear"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_words(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("traypoint ")
