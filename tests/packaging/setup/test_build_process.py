from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from build_process import TAIL_LINES, BuildFailed, BuildRunner, explain_failure
from build_progress import Progress
from tests.packaging.setup.processes import needs_proc, wait_for_end

GRANDCHILD = """
import subprocess, sys, time
under = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("[1/2] started", under.pid, flush=True)
under.wait()
"""


class Interrupting(Progress):
    """Acts like a user who presses Ctrl-C as soon as the build has said something."""

    def tell(self, line: str) -> None:
        super().tell(line)
        raise KeyboardInterrupt


class Watched(Progress):
    """Makes a file once it has been asked three times to show where the build stands."""

    def __init__(self, seen: Path) -> None:
        super().__init__(io.StringIO(), columns=40)
        self._seen = seen
        self._asked = 0

    def show(self, now_s: float) -> None:
        self._asked += 1
        if self._asked == 3:
            self._seen.touch()


def run(tmp_path: Path, progress: Progress, source: str) -> str:
    path = tmp_path / "build.log"
    with path.open("w", encoding="utf-8") as log:
        BuildRunner(log, progress).run([sys.executable, "-c", source], os.environ)
    return path.read_text(encoding="utf-8")


def silent() -> Progress:
    return Progress(io.StringIO(), columns=None)


def test_all_output_goes_to_the_log(tmp_path: Path) -> None:
    log = run(tmp_path, silent(), "import sys; print('out', flush=True); print('err', file=sys.stderr)")
    assert log.splitlines()[-2:] == ["out", "err"]
    assert log.startswith(f"$ {sys.executable}")


def test_a_failure_tells_the_last_lines_the_exit_code_and_the_log(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed) as caught:
        run(tmp_path, silent(), "for n in range(99): print('line', n)\nraise SystemExit(7)")
    lines = str(caught.value).splitlines()
    assert lines[0] == f"line {99 - TAIL_LINES}"
    assert lines[TAIL_LINES - 1] == "line 98"
    assert lines[TAIL_LINES] == f"The build failed (exit code 7); all of its output is in {tmp_path / 'build.log'}"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("cc1plus: fatal error: x.s: No space left on device", "The disk is full"),
        ("g++: fatal error: Killed signal terminated program cc1plus", "CMAKE_BUILD_PARALLEL_LEVEL=1"),
        ("Temporary failure in name resolution", "the network or the proxy"),
        ("x.cpp:1:1: error: odd", 'first "error:"'),
    ],
)
def test_a_failure_says_what_to_do(said: str, advice: str) -> None:
    assert advice in explain_failure(1, ["ninja: build stopped", said], "build.log").splitlines()[-1]


@needs_proc
def test_an_interrupt_ends_the_compilers_under_the_build_too(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Interrupting(io.StringIO(), columns=None), GRANDCHILD)
    said = (tmp_path / "build.log").read_text(encoding="utf-8").splitlines()[-1]
    pid = int(said.split()[-1])
    wait_for_end(pid)


def test_the_clock_goes_on_while_the_build_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("build_process.TICK_S", 0.01)
    seen = tmp_path / "seen"
    run(tmp_path, Watched(seen), f"import os, time\nwhile not os.path.exists({str(seen)!r}): time.sleep(0.01)")
    assert seen.exists()
