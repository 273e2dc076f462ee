"""A process whose model leaves memory when nobody needs it: real models, real bytes."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from endpoint.contract import ExitCode
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import DEADLINE_S, Live, live
from tests.endpoint.serving import wait_until
from tests.tiny.mlx_models import write_tiny_mlx

SYSTEM = "The keeper counts the ships in the harbour, and writes each one down in a large book. " * 15
IDLE = ("--idle-unload", "0.5", "--cache-disk", "512", "--threads", "1", "--ctx-size", "8192", "--failed-linger", "1")


def wait_for_unload(endpoint: Live) -> None:
    wait_until(lambda: endpoint.health()[1].get("unloaded") is True, "the model has gone")


def complete(endpoint: Live, prompt: str) -> str:
    status, body = endpoint.post("/v1/completions", {"prompt": prompt, "max_tokens": 12, "temperature": 0})
    assert status == 200
    choices = body["choices"]
    assert isinstance(choices, list)
    return str(choices[0]["text"])


def resident_bytes(endpoint: Live) -> int:
    return int(psutil.Process(endpoint.process.pid).memory_info().rss)


def cached_tokens(endpoint: Live) -> int:
    recent = endpoint.get("/acore/prompt_cache/recent")["requests"]
    assert isinstance(recent, list)
    return int(recent[0]["cached_tokens"])


def test_the_starter_gives_its_memory_back_and_answers_alike_and_warm_afterwards(tmp_path: Path) -> None:
    with live(tmp_path, "--model", "starter", *IDLE) as endpoint:
        endpoint.wait_for_status("healthy")
        cold = complete(endpoint, SYSTEM)
        loaded = resident_bytes(endpoint)
        wait_for_unload(endpoint)
        wait_until(lambda: 2 * resident_bytes(endpoint) < loaded, "more than half of it is given back")
        assert complete(endpoint, SYSTEM) == cold
        assert cached_tokens(endpoint) > 250, "read back from the disk"
        wait_for_unload(endpoint)
        endpoint.tell("stop")
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


@pytest.mark.parametrize("kind", [MemoryKind.ATTENTION, pytest.param(MemoryKind.HYBRID, marks=pytest.mark.slow_suite)])
def test_mlx_comes_back_on_its_thread_and_the_process_ends_in_order(tmp_path: Path, kind: MemoryKind) -> None:
    model = tmp_path / "model"
    model.mkdir()
    write_tiny_mlx(kind, model)
    with live(tmp_path, "--provider", "mlx", "--model", str(model), *IDLE) as endpoint:
        endpoint.wait_for_status("healthy")
        cold = complete(endpoint, "Once upon a time")
        for _ in range(2):
            wait_for_unload(endpoint)
            assert complete(endpoint, "Once upon a time") == cold
        wait_for_unload(endpoint)
        endpoint.tell("stop")
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


def test_a_model_that_cannot_be_loaded_again_ends_the_process_as_a_first_load_would(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.symlink_to(locate_model("starter"))
    with live(tmp_path, "--model", str(model), *IDLE) as endpoint:
        endpoint.wait_for_status("healthy")
        wait_for_unload(endpoint)
        model.unlink()
        assert endpoint.post("/v1/completions", {"prompt": "x"})[0] == 503
        assert "There is no file" in str(endpoint.wait_for_status("failed")["error"])
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.MODEL
