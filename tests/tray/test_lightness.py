"""The tray process stays light: importing everything of it, in a fresh interpreter, loads none of the heavy modules."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import tray

HEAVY = {
    "fastapi",
    "ssl",
    "httpx",
    "huggingface_hub",
    "jinja2",
    "llama_cpp",
    "mlx",
    "numpy",
    "openai",
    "orjson",
    "pydantic",
    "starlette",
    "uvicorn",
}
LATE = {"PIL", "gi", "psutil", "pystray", "shtab", "tomlkit", "yaml"}
"""Used by the tray, but only once they are needed."""


def loaded_by(program: str) -> set[str]:
    """Top-level modules in a fresh interpreter after this program."""
    code = f"{program}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_the_whole_tray_package_imports_nothing_heavy_and_nothing_early() -> None:
    names = [info.name for info in pkgutil.walk_packages(tray.__path__, "tray.")]
    assert "tray.controller" in names
    assert "tray.cli.run" in names
    loaded = loaded_by("\n".join(f"import {name}" for name in names))
    assert loaded & (HEAVY | LATE) == set()


def test_the_app_that_stays_does_without_openssl() -> None:
    """6 MB of a process that speaks to this machine alone; a verb, which ends soon, may have it."""
    assert not loaded_by("import tray.app, tray.cli.run, tray.gtk_menu") & {"_hashlib", "_ssl"}


def test_of_the_endpoint_only_the_contracts_are_loaded() -> None:
    program = (
        "import tray.__main__, tray.cli.pull, sys\n"
        "loaded = {name for name in sys.modules if name.startswith('endpoint.')}\n"
        "assert loaded == {'endpoint.contract', 'endpoint.hub_contract'}, loaded"
    )
    assert "endpoint" in loaded_by(program)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["config", "get", "port"], ["logs", "--path"]])
def test_a_verb_loads_no_other_verbs_file(words: list[str]) -> None:
    program = (
        "import contextlib, os, sys\n"
        "from tray.__main__ import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(open(os.devnull, 'w')):\n"
        f"    main({words!r})\n"
        "from tray.cli.verbs import VERBS\n"
        f"loaded = {{name for name in VERBS if 'tray.cli.' + name in sys.modules}} - {{{words[0]!r}}}\n"
        "assert not loaded, loaded\n"
        "assert 'tray.controller' not in sys.modules"
    )
    assert not loaded_by(program) & (HEAVY | LATE | {"http", "ssl"})
