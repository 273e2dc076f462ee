"""What is asked of the prompt cache's routes, of a real server on this machine, and what is made of its answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.tray.recorder import Recorder
from tray.actions import CacheReport, Noticed
from tray.health import Target
from tray.prompt_cache import LOOK_S, CacheWatch, ask_cache, clear_cache, read_error, read_figures
from tray.state import CacheFigures

STATS = {"stats": {"ram_bytes": 34, "ram_budget_bytes": 512, "disk_bytes": 7, "disk_budget_bytes": 99, "keys": []}}
FIGURES = CacheFigures(34, 512, 7, 99)


class Server(ThreadingHTTPServer):
    """Answers all that it is asked with `code` and `body`, and remembers it."""

    daemon_threads = True
    code = 200
    body = json.dumps(STATS).encode()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.answer("")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, sent: str) -> None:
        self.server.asked.append((self.command, self.path, sent, self.headers["Authorization"]))
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def target(server: Server, run: int = 1) -> Target:
    return Target(run, "0.0.0.0", server.server_address[1])


def test_the_figures_are_read_from_the_stats(server: Server) -> None:
    assert ask_cache(target(server)) == FIGURES
    assert server.asked == [("GET", "/acore/prompt_cache/stats", "", None)]


def test_clearing_sends_an_empty_object_and_the_key_that_the_app_was_given(server: Server) -> None:
    assert clear_cache(target(server), "secret") == ""
    assert server.asked == [("POST", "/acore/prompt_cache/clear", "{}", "Bearer secret")]


def test_an_endpoint_that_has_no_such_routes_has_no_figures_and_says_why_it_cleared_nothing(server: Server) -> None:
    server.code, server.body = 404, b'{"error": {"message": "There is no such route."}}'
    assert ask_cache(target(server)) is None
    assert clear_cache(target(server)) == "There is no such route."


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": 3}', b'{"error": {"message": null}}', b"\xff"])
def test_a_refusal_without_words_is_told_by_its_status(server: Server, body: bytes) -> None:
    server.code, server.body = 503, body
    assert clear_cache(target(server)) == "the endpoint answered 503"


def test_no_server_has_no_figures_and_clears_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        gone = Target(1, "127.0.0.1", held.getsockname()[1])
    assert ask_cache(gone) is None
    assert clear_cache(gone) == "the endpoint did not answer"


def test_a_server_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert ask_cache(Target(1, "127.0.0.1", deaf.getsockname()[1]), timeout_s=0.05) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"stats": 3}', b"null", b"\xff"])
def test_what_makes_no_sense_has_no_figures(body: bytes) -> None:
    assert read_figures(body) is None


def test_fields_that_are_missing_or_of_a_wrong_type_are_not_known() -> None:
    body = b'{"stats": {"ram_bytes": 34.0, "ram_budget_bytes": "much", "disk_bytes": -1, "disk_budget_bytes": true}}'
    assert read_figures(body) == CacheFigures(ram=34)


def test_the_control_planes_errors_and_openais_are_understood() -> None:
    assert read_error(b'{"supported": false, "code": "x", "error": "No such key."}') == "No such key."
    assert read_error(b'{"error": {"message": "Loading.", "type": "x"}}') == "Loading."


def test_a_look_is_reported_and_not_repeated_until_its_time(server: Server) -> None:
    now = [100.0]
    reports = Recorder()
    watch = CacheWatch(reports.post, None, clock=lambda: now[0])
    for waited in (0.0, LOOK_S - 0.1, 0.2):
        now[0] += waited
        watch.look(target(server))
    watch.look(target(server, run=2))
    assert [reports.wait_for(CacheReport) for _ in range(3)] == [CacheReport(run, FIGURES) for run in (1, 1, 2)]
    assert reports.is_empty()


def test_a_clear_is_told_with_the_figures_after_it(server: Server) -> None:
    reports = Recorder()
    CacheWatch(reports.post, None).clear(target(server))
    assert reports.wait_for(Noticed) == Noticed("Prompt cache cleared")
    assert reports.wait_for(CacheReport) == CacheReport(1, FIGURES)
    assert [method for method, *_ in server.asked] == ["POST", "GET"]


def test_a_clear_that_failed_is_told_with_its_reason(server: Server) -> None:
    server.code, server.body = 401, b'{"error": "No API key."}'
    reports = Recorder()
    CacheWatch(reports.post, None).clear(target(server))
    assert reports.wait_for(Noticed) == Noticed("Prompt cache not cleared: No API key.")
