"""Every line of the real menu, clicked over D-Bus, and what it does to the world: process, port, file, clipboard.

Stories on one app each, since an app takes a second to start and a line hardly anything. At the end of the long one no
line that can be clicked has been left out.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from endpoint.providers.base import MemoryKind
from tests.desktop.app import App, ask, chat, free_port, is_refused, put_on_path, running_app
from tests.desktop.keyboard import TOOLS, Keyboard
from tests.desktop.session import PATIENCE_S, Desktop, find_missing, wait_until
from tests.desktop.walker import Walker
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.models import write_tiny
from tray.clients.catalogue import CLIENTS

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(300)]

TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


@pytest.fixture
def walker(desktop: Desktop) -> Iterator[Walker]:
    """On a desktop with three models in the app's own folder, and an opener that notes what it is asked to open. They
    are tiny: each of a dozen restarts would else take a real one's seconds."""
    missing = find_missing(TOOLS, ["gi"])
    if missing:
        pytest.skip(missing)
    models = Path(desktop.env["TRAYPOINT_CONFIG_DIR"], "data", "models")
    models.mkdir(parents=True)
    first = models / "first.gguf"
    write_tiny(MemoryKind.ATTENTION, first, {"tokenizer.chat_template": TEMPLATE})
    write_tiny(MemoryKind.RECURRENT, models / "tiny.gguf")
    _write_mlx(models / "tiny-mlx")
    put_on_path(desktop, "xdg-open")
    with running_app(desktop, "--port", str(free_port()), "--model", str(first)) as app:
        app.menu.wait_for_status("● Ready · first")
        yield Walker(app)


def _write_mlx(folder: Path) -> None:
    """With what models from the hub say of themselves in addition."""
    write_tiny_mlx(MemoryKind.ATTENTION, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["LlamaForCausalLM"]}))


def opened(app: App) -> list[str]:
    """What the desktop was asked to open."""
    notes = app.desktop.home / "xdg-open.txt"
    return notes.read_text().splitlines() if notes.exists() else []


def wait_for_copy(app: App, wanted: str) -> str:
    return wait_until(lambda: app.clipboard() if wanted in app.clipboard() else "", f"{wanted!r} on the clipboard")


@pytest.mark.slow
def test_every_line_does_what_it_says(walker: Walker) -> None:
    _walk_life(walker)
    _walk_copies(walker)
    _walk_cache(walker)
    _walk_choices(walker)
    _walk_tuning(walker)
    _walk_switches(walker)
    _walk_lan(walker)
    _walk_files(walker)
    walker.clicked.add(walker.menu.find("Quit").id)
    assert walker.left_out() == []
    port = walker.app.port
    walker.menu.click("Quit")
    assert walker.app.process.wait(PATIENCE_S) == 0
    assert is_refused(port)


def _walk_life(walker: Walker) -> None:
    app, menu, port = walker.app, walker.menu, walker.app.port
    before = app.child().pid
    walker.click("Restart")
    wait_until(lambda: [c for c in psutil.Process(app.process.pid).children() if c.pid != before], "another process")
    menu.wait_for_status("● Ready")
    walker.click("Stop")
    menu.wait_for_status("○ Stopped")
    assert is_refused(port)
    assert psutil.Process(app.process.pid).children() == []
    walker.click("Start")
    menu.wait_for_status("● Ready")
    assert app.port == port


def _walk_copies(walker: Walker) -> None:
    app = walker.app
    walker.click("Copy base URL")
    wait_for_copy(app, f"http://127.0.0.1:{app.port}/v1")
    for client in CLIENTS:
        walker.click("Copy client set-up", client.title)
        app.menu.find(f"Copied the set-up of {client.title}")
        assert str(app.port) in app.clipboard(), client.title
    walker.click("Open status page")
    wait_until(lambda: f"http://127.0.0.1:{app.port}/" in opened(app), "the status page")


def _walk_cache(walker: Walker) -> None:
    app, menu = walker.app, walker.menu
    chat(app.port, "Tell me a long story about a fox and a hen. " * 20)
    menu.find("Prompt cache", "Hit rate")
    menu.find("Health", "1 requests answered")
    wait_until(lambda: app.get("/acore/prompt_cache/stats")["stats"]["ram_bytes"] > 0, "a held prompt")
    walker.click("Prompt cache", "Clear", "Everything")
    wait_until(lambda: app.get("/acore/prompt_cache/stats")["stats"]["ram_bytes"] == 0, "an empty cache")
    walker.click("Prompt cache", "Persist to disk")
    app.wait_for_setting("cache_disk = 0")
    menu.wait_for_status("● Ready")
    assert "--cache-disk=0" in app.child().cmdline()
    assert not walker.is_marked("Prompt cache", "Persist to disk")
    walker.click("Prompt cache", "Persist to disk")
    wait_until(lambda: "cache_disk" not in app.settings(), "the default again")
    menu.wait_for_status("● Ready")


def _walk_choices(walker: Walker) -> None:
    app = walker.app
    walker.click("Context length", "2k tokens")
    assert walker.wait_for_health(status="healthy", n_ctx=2048)
    app.wait_for_setting("ctx_size = 2048")
    walker.click("Context length", "As memory allows")
    walker.wait_for_health(status="healthy", n_ctx=4096)
    walker.click("Idle unload", "After 5 min")
    app.wait_for_setting("idle_unload = 300")
    walker.wait_for_mark("Idle unload", "After 5 min")
    walker.menu.wait_for_status("● Ready")
    walker.click("Model", "Traypoint's own folder", "tiny ")
    walker.wait_for_health(status="healthy", model="tiny")
    app.wait_for_setting(f'model = "{app.config}/data/models/tiny.gguf"')
    walker.click("Provider", "MLX")
    walker.wait_for_health(status="healthy", provider="mlx")
    walker.click("Provider", "llama.cpp")
    walker.wait_for_health(status="healthy", provider="llamacpp", model="tiny")
    _choose_a_file(walker)
    added = app.config / "data" / "models" / "late.gguf"
    shutil.copy(app.config / "data" / "models" / "tiny.gguf", added)
    walker.click("Model", "Look again")
    walker.menu.find("Model", "Traypoint's own folder", "late")


def _choose_a_file(walker: Walker) -> None:
    app = walker.app
    chosen = app.desktop.home / "chosen.gguf"
    shutil.copy(app.config / "data" / "models" / "tiny.gguf", chosen)
    app.desktop.start(["openbox"])
    walker.click("Model", "Choose file or folder")
    _answer_dialog(app, chosen)
    walker.wait_for_health(status="healthy", model="chosen")
    app.wait_for_setting(f'model = "{chosen}"')


def _answer_dialog(app: App, chosen: Path) -> None:
    """The real one, by keyboard."""
    keyboard = Keyboard(app.desktop)
    keyboard.wait_for_manager()
    wait_until(keyboard.finds_window, "a dialog")
    keyboard.type(str(chosen))
    keyboard.press("Return")


def _walk_tuning(walker: Walker) -> None:
    """Clicked one after the other, while the endpoint of the first one may not have begun."""
    app, menu = walker.app, "Settings of this model"
    template = app.desktop.home / "short.jinja"
    template.write_text("{% for message in messages %}{{ message.content }}{% endfor %}")
    for path in (
        ("KV cache", "q8_0"),
        ("Threads", "1"),
        ("On the GPU", "None"),
        ("Requests at once", "4"),
        ("Compute ahead", "Never"),
        ("Temperature", "0.2"),
    ):
        walker.click(menu, *path)
        walker.wait_for_mark(menu, *path)
    walker.click(menu, "Chat template", "Choose file")
    _answer_dialog(app, template)
    wanted = {"--kv-type=q8_0", "--threads=1", "--gpu-layers=0", "--parallel=4", "--speculation=off"}
    wanted |= {"--temperature=0.2", f"--chat-template={template}"}
    wait_until(lambda: wanted <= _read_arguments(app), "an endpoint that is told all of it")
    walker.menu.wait_for_status("● Ready")
    table = f'[model."{app.desktop.home}/chosen.gguf"]'
    assert table in app.settings()
    walker.click(menu, "Forget this model")
    wait_until(lambda: table not in app.settings(), "its settings gone")
    wait_until(lambda: "--managed" in (told := _read_arguments(app)) and not wanted & told, "an endpoint without them")
    walker.menu.wait_for_status("● Ready")


def _read_arguments(app: App) -> set[str]:
    """Of all the app's children: between two endpoints there is none, and the dialog is another."""
    told: set[str] = set()
    for child in psutil.Process(app.process.pid).children():
        with contextlib.suppress(psutil.Error):  # it has just gone
            told |= set(child.cmdline())
    return told


def _walk_switches(walker: Walker) -> None:
    app = walker.app
    entry = Path(app.desktop.env["XDG_CONFIG_HOME"], "autostart", "traypoint.desktop")
    walker.click("Settings", "Start at login")
    walker.wait_for_mark("Settings", "Start at login")
    assert "Exec=" in entry.read_text()
    walker.click("Settings", "Start at login")
    walker.wait_for_mark("Settings", "Start at login", on=False)
    assert not entry.exists() or "Hidden=true" in entry.read_text()
    for label, key, value in (
        ("Start endpoint on launch", "start_on_launch", "false"),
        ("Keep running", "keep_running", "true"),
        ("Notifications", "notifications", "false"),
    ):
        pid = app.child().pid
        walker.click("Settings", label)
        app.wait_for_setting(f"{key} = {value}")
        walker.wait_for_mark("Settings", label, on=value == "true")
        assert app.child().pid == pid, f"{label} restarted the endpoint"
    walker.menu.click("Settings", "Keep running")
    app.wait_for_setting("keep_running = false")


def _walk_lan(walker: Walker) -> None:
    app, port = walker.app, walker.app.port
    walker.click("Settings", "Allow LAN")
    app.wait_for_setting('host = "0.0.0.0"')
    walker.menu.wait_for_status("● Ready")
    assert ("0.0.0.0", port) in [tuple(c.laddr) for c in app.child().net_connections("tcp")]
    key = app.config / "api-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    walker.click("Settings", "Copy API key")
    assert wait_for_copy(app, key.read_text().strip()) == key.read_text().strip()
    walker.click("Settings", "Allow LAN")
    walker.menu.wait_for_status("● Ready")
    wait_until(
        lambda: ("127.0.0.1", port) in [tuple(c.laddr) for c in app.child().net_connections("tcp")], "loopback again"
    )


def _walk_files(walker: Walker) -> None:
    app = walker.app
    walker.click("Settings", "Open settings file")
    walker.click("Settings of this model", "More in the settings file")
    walker.click("Settings", "Open logs")
    walker.click("Settings", "Open models folder")
    walker.click("Model", "Open models folder")
    walker.click("About", "Licences")
    expected = [*2 * [str(app.config / "settings.toml")], str(app.config / "log" / "endpoint.log")]
    expected += 2 * [str(app.config / "data" / "models")]
    wait_until(lambda: len(opened(app)) >= 7, "all of them opened")
    assert opened(app)[1:6] == expected
    assert opened(app)[6].endswith("licences.md")


def test_a_busy_port_is_left_by_one_click(desktop: Desktop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with running_app(desktop, "--port", str(port), "--provider", "fake", "--model", "echo") as app:
            app.menu.wait_for_status("✕ Failed")
            app.menu.click("Use port")
            app.menu.wait_for_status("● Ready")
            assert app.port != port
            app.wait_for_setting(f"port = {app.port}")
            assert ask(app.port, "GET", "/health")["status"] == "healthy"
