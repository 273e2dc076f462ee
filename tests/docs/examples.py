"""The examples in the documentation that are tests: a fence of bash or python after a line `<!-- test -->`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MARK = "<!-- test -->"
DOCUMENTED_PORT = 8001
PATIENCE_S = 90
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LANGUAGES = ("bash", "python")


@dataclass(frozen=True, slots=True)
class Example:
    """One example as written; `line` is that of its mark, counted from 1."""

    file: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.language}"


def find_examples(text: str, file: str) -> list[Example]:
    """All marked examples of one Markdown file. Raises ValueError for a mark with no fence that can be run after it."""
    found = []
    for mark in re.finditer(rf"^{re.escape(MARK)}\n+", text, re.MULTILINE):
        line = text.count("\n", 0, mark.start()) + 1
        fence = _FENCE.match(text, mark.end())
        if not fence or fence[1] not in _LANGUAGES:
            raise ValueError(f"{file}:{line}: after {MARK} comes a fence of bash or python, or the mark goes")
        found.append(Example(file, line, fence[1], fence[2]))
    return found


def use_port(code: str, port: int) -> str:
    """The code with the documented port replaced, and nothing else. Raises ValueError when it doesn't stand there."""
    changed = re.sub(rf"(?<=localhost:|127.0.0.1:){DOCUMENTED_PORT}\b", str(port), code)
    if changed == code:
        raise ValueError(f"no localhost:{DOCUMENTED_PORT} or 127.0.0.1:{DOCUMENTED_PORT} in:\n{code}")
    return changed


def run_example(example: Example, port: int, folder: Path, environment: Mapping[str, str]) -> str:
    """Run the example as its reader would, against an endpoint on `port`; what it printed. Raises on failure."""
    code = use_port(example.code, port)
    shell = ["bash", "-euo", "pipefail", "-c", code]
    command = shell if example.language == "bash" else [sys.executable, "-W", "error", "-c", code]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        # A small model may ramble until its context is full.
        advice = "does it bound its answer with max_tokens?"
        raise AssertionError(f"{example} is still running after {PATIENCE_S} s: {advice}") from error
    if done.returncode != 0:
        raise AssertionError(f"{example} ends with exit code {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout
