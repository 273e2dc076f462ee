from __future__ import annotations

import os
import sys

import pytest

from tray.doctor.probing import run_probe

PYTHON = (sys.executable, "-c")


def test_the_answer_is_the_last_line_of_json() -> None:
    assert run_probe(["print('noise'); print('{\"device\": \"GPU\"}')"], PYTHON) == {"device": "GPU"}


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("raise SystemExit('no such library')", "no such library"),
        ("raise SystemExit(3)", "it ended with code 3"),
        ("print('[1]')", "it ended with code 0"),
        ("print('{')", "it ended with code 0"),
    ],
)
def test_an_end_without_an_answer_is_a_problem(program: str, problem: str) -> None:
    assert run_probe([program], PYTHON) == {"problem": problem}


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_crash_is_told_by_its_signal() -> None:
    assert run_probe(["import os; os.kill(os.getpid(), 4)"], PYTHON) == {"problem": "it was ended by SIGILL"}


def test_a_probe_that_hangs_is_ended() -> None:
    assert run_probe(["input()" if os.name == "nt" else "import signal; signal.pause()"], PYTHON, timeout_s=0.5) == {
        "problem": "no answer in 0 s"
    }


def test_a_command_that_is_not_there_is_a_problem() -> None:
    assert "no process can be started" in str(run_probe([], ("/no/such/python",))["problem"])


def test_the_real_probe_finds_the_starter() -> None:
    answer = run_probe(["model", "llamacpp", "starter"])
    assert str(answer["path"]).endswith(".gguf")
    assert isinstance(answer["bytes"], int)


def test_the_real_probe_tells_what_a_library_computes_on() -> None:
    assert run_probe(["device", "gguf"])["device"]


def test_the_real_probe_says_what_is_wrong_with_a_model() -> None:
    assert "is not a GGUF file" in str(run_probe(["model", "gguf", "pyproject.toml"])["problem"])
