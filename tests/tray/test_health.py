"""The poller against a real HTTP server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from endpoint.contract import HealthStatus
from tests.tray.recorder import Recorder
from tray.actions import HealthReport
from tray.figures import HealthFigures, MemoryFigures, ReuseFigures
from tray.health import HealthPoller, Silence, Target, ask_health, read_health


class Server(ThreadingHTTPServer):
    daemon_threads = True
    code = 200
    body = b'{"status": "healthy", "model": "m", "active": 2, "queued": 1}'


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        assert self.path == "/health"
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def target(server: Server, run: int = 1) -> Target:
    return Target(run, "0.0.0.0", server.server_address[1])


def test_a_healthy_answer_is_read_whole(server: Server) -> None:
    assert ask_health(target(server)) == HealthReport(
        1, HealthStatus.HEALTHY, "m", active=2, queued=1, figures=HealthFigures()
    )


def test_a_503_is_an_answer_too(server: Server) -> None:
    server.code, server.body = 503, b'{"status": "loading", "progress": 0.25}'
    assert ask_health(target(server)) == HealthReport(1, HealthStatus.LOADING, progress=0.25)


def test_no_server_is_no_status() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert ask_health(Target(3, "127.0.0.1", port)) == HealthReport(3, None)


def test_a_server_that_never_answers_is_no_status() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert ask_health(Target(3, "127.0.0.1", deaf.getsockname()[1]), timeout_s=0.05) == HealthReport(3, None)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"status": "sunny"}', b"null", b"\xff", b'{"status": []}'])
def test_what_makes_no_sense_is_no_status(body: bytes) -> None:
    assert read_health(1, body) == HealthReport(1, None)


def test_wrong_types_inside_do_not_matter() -> None:
    body = b'{"status": "healthy", "active": "two", "progress": "half", "model": null, "error": ""}'
    assert read_health(1, body) == HealthReport(1, HealthStatus.HEALTHY, figures=HealthFigures())


def test_the_figures_of_a_healthy_endpoint_are_read() -> None:
    body = b"""{"status": "healthy", "uptime_s": 130.5, "n_ctx": 8192, "unloaded": true,
        "requests": {"total": 12, "failed": 1}, "rates": {"prefill": 410.5, "decode": 38},
        "prompt_cache": {"hit_rate": 0.83, "cached_tokens": 12345, "saved_s": 41.2},
        "memory_pressure": "shedding",
        "last_error": {"at_s": 1, "message": "out of memory"},
        "memory": {"weights_bytes": 98, "kv_bytes": 7, "prefix_bytes": 3, "prefix_budget_bytes": 5, "disk_bytes": 1}}"""
    report = read_health(1, body)
    assert report.is_unloaded
    assert report.figures == HealthFigures(
        uptime_min=2,
        requests=12,
        failed=1,
        prefill_rate=410.5,
        decode_rate=38.0,
        n_ctx=8192,
        memory=MemoryFigures(weights=98, kv=7, prefixes=3, prefix_budget=5, disk=1),
        reuse=ReuseFigures(0.83, 12345, 41.2),
        last_error="out of memory",
        pressure="shedding",
    )


def test_what_a_machine_slept_through_is_no_silence() -> None:
    silence = Silence()
    assert silence.measure(0.0, 2.0, answered=False) == 2.0
    assert silence.measure(2.1, 4.1, answered=False) == 4.1
    assert silence.measure(4.2, 9000.0, answered=False) == 0.0
    assert silence.measure(9000.1, 9002.1, answered=False) == pytest.approx(2.1)
    assert silence.measure(9002.2, 9002.3, answered=True) == 0.0


def test_the_poller_posts_and_moves_on_to_a_new_target_at_once(server: Server) -> None:
    reports = Recorder()
    poller = HealthPoller(reports.post)
    try:
        poller.watch(target(server, run=1))
        assert reports.wait_for(HealthReport).run == 1
        poller.watch(target(server, run=2))
        while reports.wait_for(HealthReport).run != 2:
            pass
    finally:
        poller.close()


def test_silence_is_counted_from_the_first_poll_without_an_answer() -> None:
    ticks = iter(range(0, 10_000, 5))
    reports = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    poller = HealthPoller(reports.post, clock=lambda: float(next(ticks)))
    try:
        poller.watch(Target(1, "127.0.0.1", port))
        assert [reports.wait_for(HealthReport).silent_s for _ in range(3)] == [5.0, 15.0, 25.0]
    finally:
        poller.close()
