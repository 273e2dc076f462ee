"""The real app with its real endpoint, its menu read and clicked over D-Bus as a panel does."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.desktop.dbus_menu import DbusMenu, Line
from tests.desktop.session import PATIENCE_S, Desktop, wait_until

pytestmark = pytest.mark.desktop

LIFE = {"Start", "Stop", "Restart", "Open status page"}
"""The lines that come and go with the endpoint."""
STARTER = "SmolLM2-135M-Instruct.Q4_1"


@contextmanager
def running(desktop: Desktop, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], DbusMenu]]:
    """The app with its icon shown."""
    desktop.start_watcher()
    app = desktop.start_traypoint(*arguments)
    with DbusMenu(desktop.env["DBUS_SESSION_BUS_ADDRESS"]) as menu:
        menu.attach()
        yield app, menu


def alive(lines: Sequence[Line]) -> set[str]:
    """Of the lines that come and go with the endpoint, those that can be clicked."""
    return {line.label for line in lines if line.is_enabled} & LIFE


def find_port(menu: DbusMenu) -> int:
    """The port in the status line `… localhost:8101/v1`."""
    return int(menu.status().rpartition(":")[2].removesuffix("/v1"))


def ask(port: int, path: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def is_refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_start_ready_stop_start_quit_with_the_real_model(desktop: Desktop) -> None:
    with running(desktop, "--no-start", "--port", "0", "--model", "starter") as (app, menu):
        assert menu.status() == "○ Stopped · starter · llama.cpp"
        assert alive(menu.lines()) == {"Start"}

        menu.click("Start")
        menu.wait_for_status("● Ready")
        port = find_port(menu)
        assert menu.status() == f"● Ready · {STARTER} · llama.cpp · localhost:{port}/v1"
        assert alive(menu.lines()) == {"Stop", "Restart", "Open status page"}
        assert ask(port, "/health")[0] == 200

        menu.click("Prompt cache", "Clear", "Everything")
        wait_until(lambda: "Prompt cache cleared" in [line.label for line in menu.lines()], "what came of it")

        menu.click("Stop")
        menu.wait_for_status("○ Stopped")
        assert alive(menu.lines()) == {"Start"}
        assert is_refused(port)

        menu.click("Start")
        menu.wait_for_status("● Ready")
        assert find_port(menu) == port
        assert alive(menu.lines()) == {"Stop", "Restart", "Open status page"}

        menu.click("Quit")
        assert app.wait(PATIENCE_S) == 0
        assert is_refused(port)


def test_loading_can_be_seen_and_stopped(desktop: Desktop) -> None:
    arguments = ("--no-start", "--port", "0", "--provider", "fake", "--model", "echo,load_ms=60000")
    with running(desktop, *arguments) as (app, menu):
        menu.click("Start")
        menu.wait_for_status("◔ Loading")
        assert alive(menu.lines()) == {"Stop", "Restart", "Open status page"}
        menu.click("Stop")
        menu.wait_for_status("○ Stopped")
        menu.click("Quit")
        assert app.wait(PATIENCE_S) == 0


def test_without_no_start_it_serves_at_once_and_restart_keeps_the_port(desktop: Desktop) -> None:
    with running(desktop, "--port", "0", "--provider", "fake", "--model", "echo") as (_, menu):
        menu.wait_for_status("● Ready")
        port = find_port(menu)
        before = ask(port, "/health")[1]["uptime_s"]
        menu.click("Restart")
        menu.wait_for_status("◔ Loading")
        menu.wait_for_status("● Ready")
        assert find_port(menu) == port
        after = ask(port, "/health")[1]["uptime_s"]
        assert isinstance(before, float | int)
        assert isinstance(after, float | int)


def test_a_failed_start_says_why_and_what_is_free(desktop: Desktop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with running(desktop, "--port", str(port), "--provider", "fake", "--model", "echo") as (_, menu):
            lines = menu.wait_for_status("✕ Failed")
            assert lines[0].label.startswith(f"✕ Failed · Port {port} on 127.0.0.1 is in use by ")
            assert lines[1].label.startswith("Stop what uses it, or choose another port: --port ")
            assert alive(menu.lines()) == {"Start"}
            held.close()
            menu.click("Start")
            menu.wait_for_status("● Ready")


def test_a_crash_is_shown_and_mended(desktop: Desktop) -> None:
    import psutil

    with running(desktop, "--port", "0", "--provider", "fake", "--model", "echo") as (app, menu):
        menu.wait_for_status("● Ready")
        port = find_port(menu)
        (child,) = psutil.Process(app.pid).children()
        child.kill()
        lines = menu.wait_for_status("✕ Starting again in 1 s · The endpoint was ended by SIGKILL")
        assert alive(lines) == {"Start", "Stop"}
        menu.wait_for_status("● Ready")
        assert find_port(menu) == port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_app_and_endpoint_with_zero(desktop: Desktop, number: int) -> None:
    with running(desktop, "--port", "0", "--provider", "fake", "--model", "echo") as (app, menu):
        menu.wait_for_status("● Ready")
        port = find_port(menu)
        app.send_signal(number)
        assert app.wait(PATIENCE_S) == 0
        assert is_refused(port)


def test_a_name_with_underscores_is_shown_as_it_is(desktop: Desktop) -> None:
    with running(desktop, "--no-start", "--model", "/m/my_model_q4_k_m.gguf") as (_, menu):
        assert menu.status() == "○ Stopped · my_model_q4_k_m · llama.cpp"


def test_copy_base_url_reaches_the_clipboard(desktop: Desktop) -> None:
    with running(desktop, "--no-start", "--port", "8123") as (_, menu):
        menu.click("Copy base URL")
        menu.wait_for_status("○ Stopped")
        assert read_clipboard(desktop, menu) == "http://127.0.0.1:8123/v1"


def read_clipboard(desktop: Desktop, menu: DbusMenu) -> str:
    wait_until(lambda: any(line.label.startswith("Copied ") for line in menu.lines()), "the notice")
    done = subprocess.run(
        ["xclip", "-selection", "clipboard", "-o"],
        env=desktop.env,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return done.stdout


def test_a_panel_that_starts_anew_gets_the_icon_again(desktop: Desktop) -> None:
    """As after a changed display, or a crash of the desktop's shell."""
    watcher = desktop.start_watcher()
    desktop.start_traypoint("--no-start")
    with DbusMenu(desktop.env["DBUS_SESSION_BUS_ADDRESS"]) as menu:
        menu.attach()
        watcher.terminate()
        watcher.wait(PATIENCE_S)
        desktop.start_watcher()
        menu.attach()
        menu.wait_for_status("○ Stopped")
