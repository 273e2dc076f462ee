"""A prompt that an endpoint knew before it was killed, stopped or given another model: the real process and model."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from endpoint.contract import ModelRef
from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import Live, live
from tests.endpoint.serving import wait_until

SYSTEM = "The keeper counts the ships in the harbour, and writes each one down in a large book. " * 15
LINES = ("--model", "{model}", "-c", "2048", "--threads", "1", "--cache-disk", "512")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the starter, to be changed."""
    path = tmp_path / "model.gguf"
    shutil.copyfile(locate_model(ModelRef().model), path)
    return path


def start(folder: Path, model: Path, *more: str) -> Any:
    return live(folder, *(word.format(model=model) for word in LINES), *more)


def ask(running: Live, question: str = "How many?") -> tuple[str, Mapping[str, str]]:
    """The text, and what the header says of the cache."""
    url = f"http://127.0.0.1:{running.port}"
    wait_until(lambda: _is_healthy(url), "the model is loaded")
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    body = {"messages": messages, "max_tokens": 12, "temperature": 0}
    answer = httpx.post(f"{url}/v1/chat/completions", json=body, timeout=120)
    fields = dict(field.split("=", 1) for field in answer.headers["x-prompt-cache"].split("; "))
    return str(answer.json()["choices"][0]["message"]["content"]), fields


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False


def saved(folder: Path) -> list[Path]:
    return list((folder / "prefixes").glob("*/*.state"))


def has_saved(folder: Path, count: int) -> Callable[[], bool]:
    return lambda: len(saved(folder)) >= count


def hits(fields: Mapping[str, str]) -> tuple[int, int]:
    cached, _, prompt = fields["hit"].partition("/")
    return int(cached), int(prompt)


def test_a_known_prompt_is_warm_after_a_kill_and_cold_and_right_for_another_model(tmp_path: Path, model: Path) -> None:
    with start(tmp_path, model) as running:
        cold, fields = ask(running)
        assert fields["tier"] == "none"
        assert ask(running)[0] == cold
        wait_until(lambda: bool(saved(tmp_path)), "the prompt is on the disk")
        running.process.send_signal(signal.SIGKILL)
    with start(tmp_path, model) as running:
        warm, fields = ask(running)
        assert warm == cold
        assert fields["tier"] == "disk"
        cached, prompt = hits(fields)
        assert cached >= prompt - 2
    _change_a_byte(model)
    with start(tmp_path, model) as running:
        other, fields = ask(running)
        assert (fields["tier"], fields["miss"], hits(fields)[0]) == ("none", "other_model", 0)
        assert other


@pytest.mark.slow_suite
def test_what_was_asked_once_is_warm_after_an_ordered_stop(tmp_path: Path) -> None:
    model = Path(locate_model(ModelRef().model))
    with start(tmp_path, model) as running:
        cold, _ = ask(running)
        assert running.process.stdin is not None
        running.process.stdin.write("stop\n")
        running.process.stdin.flush()
        assert running.process.wait(20) == 0
    with start(tmp_path, model) as running:
        warm, fields = ask(running)
        assert (warm, fields["tier"]) == (cold, "disk")


@pytest.mark.slow_suite
def test_what_was_saved_with_keys_of_one_type_is_nothing_to_another_and_warm_to_its_own(tmp_path: Path) -> None:
    model = Path(locate_model(ModelRef().model))
    answers: list[str] = []
    tiers: list[str] = []
    for times, kv_type in enumerate(("q8_0", "f16", "q8_0", "f16"), 1):
        with start(tmp_path, model, "--kv-type", kv_type) as running:
            answer, fields = ask(running)
            assert running.health()[1]["kv_type"] == kv_type
            wait_until(has_saved(tmp_path, min(times, 2)), "the prompt is saved")
        answers.append(answer)
        tiers.append(fields["tier"])
    assert tiers == ["none", "none", "disk", "disk"]
    assert answers[:2] == answers[2:]


def _change_a_byte(model: Path) -> None:
    """In the last layer's weights, and nobody's clock tells: small files are known by all of their content."""
    times = model.stat()
    with model.open("r+b") as file:
        file.seek(-4_000, 2)
        (byte,) = file.read(1)
        file.seek(-4_000, 2)
        file.write(bytes([byte ^ 1]))
    os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))
