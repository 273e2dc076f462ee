"""Creates the virtual environment, with a Python that is new enough and a pip that knows dependency groups.

Run by whatever `python3` is: kept to what an old Python can read, so that it can say what is wrong.
Usage: create_venv.py FOLDER. Exit code 0, or 1 with the reason on stderr.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
KNOWN = ("python3.14", "python3.13", "python3.12", "python3.11")
PIP = "pip>=25.1"  # the first with --group


def newer_python() -> "str | None":  # quoted: an old Python reads this file
    """Another Python on PATH that is new enough, or None."""
    return next((path for path in map(shutil.which, KNOWN) if path), None)


def python_problem() -> "str | None":
    """Why this Python can't do it, with what to do; None when it can."""
    if sys.version_info < NEEDED:
        return (
            f"Python {NEEDED[0]}.{NEEDED[1]} or newer is needed, and {sys.executable} is {sys.version.split()[0]}. "
            "Install one, or name it: make run PYTHON=/path/to/python3.12"
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        return (
            f"{sys.executable} can't make virtual environments: its parts venv and ensurepip are not installed. "
            "On Debian and Ubuntu: sudo apt install python3-venv"
        )
    return None


def works(folder: Path) -> bool:
    """Whether the environment is there, new enough, and its Python still starts (an upgrade may have removed it)."""
    check = f"import pip, sys; sys.exit(sys.version_info < {NEEDED})"
    try:
        return subprocess.run([str(find_python(folder)), "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_python(folder: Path) -> Path:
    """The environment's own Python."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def create(folder: Path) -> int:
    """Make the environment anew unless it works, and bring its pip up to date."""
    if not works(folder):
        print(f"Making {folder} with Python {sys.version.split()[0]}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    upgrade = [str(find_python(folder)), "-m", "pip", "install", "--quiet", "--upgrade", PIP]
    return subprocess.run(upgrade, check=False).returncode


def main() -> int:
    """See the module."""
    problem = python_problem()
    other = newer_python() if sys.version_info < NEEDED else None
    if other:
        return subprocess.run([other, __file__, *sys.argv[1:]], check=False).returncode
    if problem:
        print(f"create_venv: {problem}", file=sys.stderr)
        return 1
    try:
        return create(Path(sys.argv[1]))
    except subprocess.CalledProcessError as error:
        print(f"create_venv: {' '.join(error.cmd)} failed (exit code {error.returncode}).", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
