from __future__ import annotations

import os

import pytest

from endpoint.contract import ExitCode
from tray.actions import ChildExited
from tray.exits import describe_exit


def test_a_fatal_error_is_told_in_the_endpoints_own_words() -> None:
    failure = describe_exit(ChildExited(1, 3, "traypoint-endpoint: error: /x.gguf: no such file"))
    assert (failure.reason, failure.exit_code) == ("/x.gguf: no such file", ExitCode.MODEL)


def test_a_fatal_code_without_words_still_keeps_its_code() -> None:
    assert describe_exit(ChildExited(1, 4)).exit_code == ExitCode.PROVIDER


def test_a_crash_is_told_with_its_code_and_last_line() -> None:
    failure = describe_exit(ChildExited(1, 7, "ValueError: bad"))
    assert failure.reason == "The endpoint crashed with exit code 7: ValueError: bad"
    assert failure.exit_code == ExitCode.FAILURE


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("code", "how"), [(-11, "was ended by SIGSEGV"), (-9, "was ended by SIGKILL")])
def test_a_signal_is_named(code: int, how: str) -> None:
    assert describe_exit(ChildExited(1, code)).reason == f"The endpoint {how}."


def test_an_unknown_signal_is_numbered() -> None:
    assert describe_exit(ChildExited(1, -250)).reason == "The endpoint was ended by signal 250."


def test_a_silent_sigkill_suggests_memory() -> None:
    assert "memory" in describe_exit(ChildExited(1, -9)).advice


def test_a_windows_status_is_shown_in_hexadecimal() -> None:
    assert describe_exit(ChildExited(1, 0xC0000005)).reason == "The endpoint crashed with exit code 0xc0000005."


def test_an_unasked_clean_exit_is_not_called_a_crash() -> None:
    assert describe_exit(ChildExited(1, 0)).reason == "The endpoint exited unasked."
