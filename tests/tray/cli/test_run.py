"""`traypoint --no-tray` as a process of its own, with the real endpoint and its fake provider."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

FAKE = ("--provider", "fake", "--model", "echo", "--port", "0")
PATIENCE_S = 60
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `traypoint` without a screen, its files under tmp_path; what is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRAYPOINT_", "ABSTRACT"))}
    for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
        env.pop(screen, None)

    def run(*arguments: str, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tray", *arguments],
            env={**env, "TRAYPOINT_CONFIG_DIR": str(tmp_path), **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a process that ends by itself."""
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def read_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    assert line.startswith("Ready: http://127.0.0.1:"), process.stderr and process.stderr.read()
    return line


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_prints_the_base_url_and_a_signal_ends_both_with_zero(start: Start, number: int) -> None:
    process = start("--no-tray", *FAKE)
    assert read_ready(process).endswith("/v1 (model echo)\n")
    (child,) = psutil.Process(process.pid).children()
    process.send_signal(number)
    assert finish(process) == (0, "", "")
    assert not child.is_running()


@posix
def test_a_signal_while_loading_ends_both_with_zero(start: Start, tmp_path: Path) -> None:
    process = start("--no-tray", "--provider", "fake", "--model", "echo,load_ms=60000", "--port", "0")
    children = psutil.Process(process.pid).children
    while not (found := children()):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 0
    assert not found[0].is_running()


def test_run_is_the_same_and_without_a_screen_it_goes_on_headless_in_one_line(start: Start) -> None:
    process = start("run", *FAKE)
    read_ready(process)
    process.terminate()
    code, _, err = finish(process)
    assert (code, err) == (
        0 if os.name != "nt" else 1,
        "traypoint: no tray icon: no screen: neither DISPLAY nor WAYLAND_DISPLAY is set; going on without one.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--model", "/no/such.gguf"), 3, "/no/such.gguf"),
        (("--model", "pyproject.toml"), 3, "pyproject.toml"),
        (("--provider", "vllm"), 4, "vllm"),
        (("--provider", "mlx"), 3, "There is no MLX starter model"),
        (("--provider", "fake", "--model", "echo", "--host", "192.0.2.1"), 98, "192.0.2.1 is not an address"),
    ],
)
def test_a_failed_start_is_one_line_and_the_endpoints_exit_code(
    start: Start, arguments: tuple[str, ...], code: int, said: str
) -> None:
    got, out, err = finish(start("--no-tray", "--port", "0", "--api-key", "k", *arguments))
    assert (got, out) == (code, "")
    assert err.startswith("traypoint: error: ")
    assert said in err
    assert err.count("\n") == 1


def test_a_busy_port_is_told_with_who_holds_it_and_what_is_free(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        code, out, err = finish(start("--no-tray", "--provider", "fake", "--model", "echo", "--port", str(port)))
    assert (code, out) == (98, "")
    assert err.startswith(f"traypoint: error: Port {port} on 127.0.0.1 is in use by ")
    assert f"(pid {os.getpid()})" in err
    assert "is free." in err


def test_a_bad_variable_is_named(start: Start) -> None:
    code, _, err = finish(start("--no-tray", TRAYPOINT_PORT="99999"))
    assert code == 2
    assert err == (
        "traypoint: error: the environment variable TRAYPOINT_PORT must be a whole number from 0 to 65535 "
        "(0: any free port), not 99999\n"
    )


def test_a_bad_settings_file_is_named_with_its_key(start: Start, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[endpoint]\nport = 99999\n")
    code, _, err = finish(start("--no-tray"))
    assert code == 5
    assert err.startswith(f"traypoint: error: {tmp_path / 'settings.toml'}: endpoint.port must be a whole number")


@posix
def test_flags_win_over_the_environment_and_that_over_the_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[endpoint]\nprovider = "fake"\nmodel = "from-file"\nport = 1\n')
    process = start("--no-tray", "--port", "0", ABSTRACTENDPOINT_PORT="2", TRAYPOINT_MODEL="echo")
    assert "(model echo)" in read_ready(process)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0


@posix
def test_a_broken_settings_file_is_kept_aside_and_the_app_runs(start: Start, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = = 1")
    process = start("--no-tray", *FAKE)
    read_ready(process)
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 0
    assert "is not valid TOML" in err
    assert len(list(tmp_path.glob("settings.toml.broken-*"))) == 1


@posix
def test_save_keeps_the_flags_for_the_next_start(start: Start, tmp_path: Path) -> None:
    process = start("--no-tray", *FAKE, "--ctx-size", "128", "--save")
    read_ready(process)
    process.send_signal(signal.SIGINT)
    finish(process)
    process = start("--no-tray")
    assert "(model echo)" in read_ready(process)
    saved = (tmp_path / "settings.toml").read_text()
    assert 'model = "echo"' in saved
    assert "[model.echo]\nctx_size = 128\n" in saved
    process.send_signal(signal.SIGINT)
    finish(process)


@posix
def test_a_crash_is_told_and_mended_on_the_same_port(start: Start) -> None:
    process = start("--no-tray", *FAKE)
    ready = read_ready(process)
    (child,) = psutil.Process(process.pid).children()
    child.kill()
    assert process.stderr
    assert process.stderr.readline().startswith(
        "traypoint: The endpoint was ended by SIGKILL. Starting again in 1 s. Log: "
    )
    assert read_ready(process) == ready
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0


def test_no_start_without_an_icon_is_refused(start: Start) -> None:
    code, _, err = finish(start("--no-tray", "--no-start"))
    assert code == 2
    assert "--no-start needs the icon" in err
