"""Tries something out in a process of its own, so that a library that crashes or hangs takes nobody along."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

TIMEOUT_S = 6.0
INTERPRETER = (sys.executable, "-P", "-m", "endpoint.probe")


def run_probe(
    words: Sequence[str], command: Sequence[str] = INTERPRETER, timeout_s: float = TIMEOUT_S
) -> Mapping[str, object]:
    """The probe's answer; one with `problem` where there was none that makes sense."""
    if getattr(sys, "frozen", False):
        return {"skipped": "not tried in a bundle"}  # which has no interpreter to try it with
    try:
        done = subprocess.run([*command, *words], capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return {"problem": f"no answer in {timeout_s:.0f} s"}
    except OSError as error:
        return {"problem": f"no process can be started: {error.strerror or error}"}
    return _read_answer(done.stdout) or {"problem": _describe_end(done.returncode, done.stderr)}


def _read_answer(out: bytes) -> Mapping[str, object] | None:
    """The last line, if it is a JSON object: a library may have talked before it."""
    lines = out.decode(errors="replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _describe_end(code: int, err: bytes) -> str:
    """How it ended without an answer: a signal by its name, else its last word."""
    try:
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        pass
    said = err.decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"it ended with code {code}"
