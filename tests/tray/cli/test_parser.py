from __future__ import annotations

import pytest

from tray.cli.parser import build_parser, read_choices
from tray.options import Choices


def test_flags_the_user_leaves_out_stay_unset() -> None:
    assert read_choices(build_parser().parse_args([])) == Choices()


def test_every_flag_is_read() -> None:
    argv = ["--provider", "gguf", "--model", "m", "--host", "::1", "--port", "0", "--ctx-size", "4096"]
    argv += ["--parallel", "2", "--threads", "3", "--gpu-layers", "-1", "--api-key", "k"]
    argv += ["--cache-ram", "100", "--cache-disk", "0", "--idle-unload", "600"]
    expected = Choices("gguf", "m", "::1", 0, 4096, 2, 3, -1, "k", 100, 0, 600)
    assert read_choices(build_parser().parse_args(argv)) == expected


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--port", "99999"], "argument --port: must be a whole number from 0 to 65535"),
        (["--port", "eighty"], "argument --port: must be a whole number"),
        (["--model", ""], "argument --model: must be a text"),
        (["--ctx-size", "0"], "argument --ctx-size: must be a whole number of at least 1"),
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
        (["--por", "1"], "unrecognized arguments: --por 1"),
        (["serve"], "unrecognized arguments: serve"),
    ],
)
def test_a_bad_flag_is_named_and_the_exit_code_is_two(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(argv)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_help_shows_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert "traypoint --no-tray --port 8002" in shown
    assert "98 the address can't be bound" in shown
    assert max(map(len, shown.splitlines())) <= 120
