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
from tray.health import HealthPoller, Target, ask_health, read_health


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
    assert ask_health(target(server)) == HealthReport(1, HealthStatus.HEALTHY, "m", active=2, queued=1)


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
    assert read_health(1, body) == HealthReport(1, HealthStatus.HEALTHY)


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
    ticks = iter(range(0, 10_000, 10))
    reports = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    poller = HealthPoller(reports.post, clock=lambda: float(next(ticks)))
    try:
        poller.watch(Target(1, "127.0.0.1", port))
        assert [reports.wait_for(HealthReport).silent_s for _ in range(3)] == [10.0, 30.0, 50.0]
    finally:
        poller.close()
