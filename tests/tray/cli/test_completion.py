"""The scripts, in the shells that they are for."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tray.cli.completion import SHELLS, write_script
from tray.cli.verbs import VERBS

BASH = """
source {script}
complete_words() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    "$(complete -p traypoint | sed -E 's/.*-F ([^ ]+).*/\\1/')" traypoint
    printf '%s\\n' "${{COMPREPLY[@]}}"
}}
complete_words {words}
"""
FISH = 'source {script}; complete -C "{line}" | cut -f1'
STUB = """\
#!/bin/sh
if [ "$*" = "models --names" ]; then printf "qwen3-4b\\nstarter\\n"; else echo "GOT $*"; fi
"""
ZSH = "fpath=({folder} $fpath); autoload -Uz compinit; compinit -D -u\n"
WORDS = (
    (("traypoint", ""), set(VERBS)),
    (("traypoint", "--no-t"), {"--no-tray"}),
    (("traypoint", "config", ""), {"get", "set", "unset", "list", "path", "edit"}),
    (("traypoint", "config", "get", "po"), {"port"}),
    (("traypoint", "config", "set", "app.k"), {"app.keep_running"}),
    (("traypoint", "logs", "--f"), {"--follow"}),
    (("traypoint", "run", "--provider", ""), {"llamacpp", "mlx"}),
    (("traypoint", "completion", ""), set(SHELLS)),
    (("traypoint", "connect", "claude"), {"claude-code"}),
    (("traypoint", "use", "qw"), {"qwen3-4b"}),
)


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `traypoint` that knows of two models, and says what it is called with."""
    program = tmp_path / "bin" / "traypoint"
    program.parent.mkdir()
    program.write_text(STUB)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def script(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    file = tmp_path / "script"
    file.write_text(write_script(request.param))
    return file


def need(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} isn't installed")
    return found


def ask(shell: str, program: str) -> set[str]:
    done = subprocess.run([need(shell), "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("script", ["bash"], indirect=True)
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_bash_completes(script: Path, words: tuple[str, ...], expected: set[str]) -> None:
    assert ask("bash", BASH.format(script=script, words=" ".join(f"'{word}'" for word in words))) == expected


@pytest.mark.parametrize("script", ["fish"], indirect=True)
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_fish_completes(
    script: Path, words: tuple[str, ...], expected: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # it makes its folders there
    assert ask("fish", FISH.format(script=script, line=" ".join(words))) == expected


def read_to_end(terminal: int) -> str:
    """All that comes until the other side is closed, which Linux tells by an error."""
    said = b""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 1024):
            said += data
    return said.decode(errors="replace")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("script", ["zsh"], indirect=True)
def test_zsh_completes_what_is_typed(script: Path, tmp_path: Path) -> None:
    """zsh only completes at a terminal, so it is typed to at one."""
    import pty

    shell = need("zsh")
    script.rename(script.with_name("_traypoint"))  # where zsh looks for it
    master, slave = pty.openpty()
    environment = {**os.environ, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path), "TERM": "dumb", "PS1": "% "}
    with subprocess.Popen([shell, "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        os.write(master, ZSH.format(folder=script.parent).encode() + b"traypoint us\tqw\t--js\t\nexit\n")
        said = read_to_end(master)
        process.wait(30)
    os.close(master)
    assert "GOT use qwen3-4b --json" in said, said
