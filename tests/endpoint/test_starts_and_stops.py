"""A hundred lives of an endpoint with an MLX model, ended in several ways at several moments: always in order."""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import signal
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from endpoint.contract import ExitCode, ModelRef
from endpoint.engine.engine import Engine
from endpoint.providers.base import MemoryKind
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider
from tests.endpoint.process import DEADLINE_S, Live, live, port_is_free
from tests.tiny.mlx_models import write_tiny_mlx

LIVES = 100
STARTS = 20


class Moment(StrEnum):
    """When the end comes."""

    IMPORTING = "importing"
    LOADING = "loading"
    IDLE = "idle"
    ANSWERED = "answered"
    ANSWERING = "answering"


def say_stop(endpoint: Live) -> None:
    assert endpoint.process.stdin is not None
    endpoint.process.stdin.write("stop\n")
    endpoint.process.stdin.flush()


def send_signal(endpoint: Live) -> None:
    endpoint.process.send_signal(signal.SIGTERM)


def close_input(endpoint: Live) -> None:
    assert endpoint.process.stdin is not None
    endpoint.process.stdin.close()


def allowed_codes(end: Callable[[Live], None]) -> set[int]:
    """0; but an endpoint whose parent is gone has a moment for an orderly end, then just leaves
    (`endpoint/parent.py`)."""
    return {ExitCode.OK, ExitCode.FAILURE} if end is close_input else {ExitCode.OK}


def complaints(log: str, moment: Moment) -> list[str]:
    """What goes beyond telling what it does. A load can't be broken off: on a busy machine its end isn't waited for."""
    lines = [line for line in log.splitlines() if " INFO " not in line]
    busy = moment in (Moment.IMPORTING, Moment.LOADING)
    return [line for line in lines if not (busy and "engine thread didn't end in time; leaving" in line)]


WAYS: tuple[Callable[[Live], None], ...] = (say_stop, send_signal, close_input)
PLANS = list(product((Moment.IDLE, Moment.LOADING, Moment.ANSWERING, Moment.IMPORTING, Moment.ANSWERED), WAYS))


@contextlib.contextmanager
def brought_to(endpoint: Live, moment: Moment) -> Iterator[None]:
    """The endpoint at that moment of its life."""
    match moment:
        case Moment.LOADING:
            endpoint.wait_for_status("loading", "healthy")
        case Moment.IDLE | Moment.ANSWERED | Moment.ANSWERING:
            endpoint.wait_for_status("healthy")
    if moment is Moment.ANSWERED:
        status, body = endpoint.post("/v1/completions", {"prompt": "The ships", "max_tokens": 4})
        assert status == 200, body
    if moment is not Moment.ANSWERING:
        yield
        return
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=DEADLINE_S)
    with contextlib.closing(connection):
        request = {"prompt": "The ships", "max_tokens": 3000, "stream": True}
        connection.request("POST", "/v1/completions", json.dumps(request), {"content-type": "application/json"})
        assert connection.getresponse().readline().startswith(b"data: ")
        yield


@pytest.mark.slow_suite
@pytest.mark.timeout(1800)
def test_a_hundred_lives_end_with_their_code_and_leave_nothing(tmp_path: Path) -> None:
    write_tiny_mlx(MemoryKind.HYBRID, tmp_path / "model")
    flags = ("--provider", "mlx", "--model", str(tmp_path / "model"), "--threads", "1")
    for number in range(LIVES):
        moment, end = PLANS[number % len(PLANS)]
        with live(tmp_path, *flags) as endpoint:
            with brought_to(endpoint, moment):
                end(endpoint)
                code = endpoint.process.wait(DEADLINE_S)
            assert endpoint.process.stderr is not None
            said = complaints(endpoint.process.stderr.read(), moment)
            assert said == [], f"life {number}: {moment}, {end.__name__}"
            assert code in allowed_codes(end), f"life {number}: {moment}, {end.__name__}"
            assert port_is_free(endpoint.port)


@pytest.mark.slow_suite
def test_engines_that_start_and_stop_in_one_process_leave_no_thread_and_no_memory(tmp_path: Path) -> None:
    import mlx.core as mx

    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path)
    model, options, used = ModelRef("mlx", str(tmp_path)), LoadOptions(n_ctx=1024, threads=1), []
    for _ in range(STARTS):
        settled = threading.Event()
        engine = Engine(lambda progress: load_provider(model, options, progress), on_change=settled.set)
        engine.start()
        assert settled.wait(DEADLINE_S)
        engine.model()
        assert engine.stop(DEADLINE_S)
        gc.collect()
        used.append(mx.get_active_memory())
        assert "engine" not in [thread.name for thread in threading.enumerate()]
    assert used[-1] <= used[0], used
