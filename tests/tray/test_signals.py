"""Signals in a process of their own: the test's process keeps its handlers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, os, sys, threading
from tray.signals import SignalWatch
seen = threading.Semaphore(0)
watch = SignalWatch(seen.release)
watch.arm()
print("armed", flush=True)
{body}
assert seen.acquire(timeout=20)
watch.close()
print("asked to end", flush=True)
"""

# Inside libc's sleep the main thread runs no Python code, as inside a toolkit's main loop.
IN_C_CODE = (
    "threading.Thread(target=lambda: (seen.acquire(timeout=20), print('asked to end', flush=True), os._exit(0)))"
)
STUCK = f"{IN_C_CODE}.start(); ctypes.CDLL(None).sleep(30); ctypes.CDLL(None).sleep(30)"
REPLACED = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); signal.set_wakeup_fd(-1); watch.rearm()"


def run_and_send(body: str, number: int) -> tuple[int, str]:
    """Exit code and output of the program, which gets the signal once it is armed."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(body=body)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "armed\n"
        process.send_signal(number)
        return process.wait(30), process.stdout.read()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("body", ["", STUCK], ids=["waiting", "in C code"])
def test_a_signal_is_heard(body: str, number: int) -> None:
    assert run_and_send(body, number) == (0, "asked to end\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_rearming_undoes_what_a_toolkit_did() -> None:
    body = f"{REPLACED}; print('again', flush=True); os.kill(os.getpid(), signal.SIGINT)"
    program = PROGRAM.format(body=body)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "armed\nagain\nasked to end\n")
