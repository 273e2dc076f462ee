"""What is asked of the prompt cache's routes, of a real server on this machine, and what is made of its answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from endpoint.contract import HealthStatus
from tests.tray.cache_server import FIGURES, Server, cache_server
from tests.tray.recorder import Recorder
from tray.actions import CacheReport, HealthReport, Noticed
from tray.errors import CacheError
from tray.figures import CacheFigures, HealthFigures, MemoryFigures, NamedKey
from tray.health import Target
from tray.prompt_cache import LOOK_S, CacheWatch, ask_cache, ask_stats, clear_cache, read_error, read_figures


@pytest.fixture
def server() -> Iterator[Server]:
    with cache_server() as made:
        yield made


def target(server: Server, run: int = 1) -> Target:
    return Target(run, "0.0.0.0", server.server_address[1])


def find_refusal(target: Target) -> str:
    """Why it can't be cleared."""
    with pytest.raises(CacheError) as caught:
        clear_cache(target)
    return str(caught.value)


def test_the_figures_are_read_from_the_stats(server: Server) -> None:
    assert ask_cache(target(server)) == FIGURES
    assert server.asked == [("GET", "/acore/prompt_cache/stats", "", None)]


def test_clearing_sends_an_empty_object_and_the_key_that_the_app_was_given(server: Server) -> None:
    clear_cache(target(server), "secret")
    assert server.asked == [("POST", "/acore/prompt_cache/clear", "{}", "Bearer secret")]


def test_an_endpoint_that_has_no_such_routes_has_no_figures_and_says_why_it_cleared_nothing(server: Server) -> None:
    server.code, server.body = 404, b'{"error": {"message": "There is no such route."}}'
    assert ask_cache(target(server)) is None
    assert find_refusal(target(server)) == "There is no such route."


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": 3}', b'{"error": {"message": null}}', b"\xff"])
def test_a_refusal_without_words_is_told_by_its_status(server: Server, body: bytes) -> None:
    server.code, server.body = 503, body
    assert find_refusal(target(server)) == "the endpoint answered 503"


def test_no_server_has_no_figures_and_clears_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        gone = Target(1, "127.0.0.1", held.getsockname()[1])
    assert ask_cache(gone) is None
    assert find_refusal(gone) == "the endpoint did not answer"


def test_a_server_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert ask_cache(Target(1, "127.0.0.1", deaf.getsockname()[1]), timeout_s=0.05) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"stats": 3}', b"null", b"\xff"])
def test_what_makes_no_sense_has_no_figures(server: Server, body: bytes) -> None:
    server.body = body
    assert ask_cache(target(server)) is None
    with pytest.raises(CacheError, match="makes no sense"):
        ask_stats(target(server))


def test_fields_that_are_missing_or_of_a_wrong_type_are_not_known() -> None:
    stats = {"ram_bytes": 34.0, "ram_budget_bytes": "much", "disk_bytes": -1, "disk_budget_bytes": True}
    assert read_figures(stats) == CacheFigures(ram=34)


def test_the_control_planes_errors_and_openais_are_understood() -> None:
    assert read_error(b'{"supported": false, "code": "x", "error": "No such key."}') == "No such key."
    assert read_error(b'{"error": {"message": "Loading.", "type": "x"}}') == "Loading."


def healthy(requests: int = 0, prefixes: int = 0) -> HealthReport:
    figures = HealthFigures(requests=requests, memory=MemoryFigures(prefixes=prefixes))
    return HealthReport(1, HealthStatus.HEALTHY, figures=figures)


def test_a_look_is_reported_and_not_repeated_until_its_time(server: Server) -> None:
    now = [100.0]
    reports = Recorder()
    watch = CacheWatch(reports.post, None, clock=lambda: now[0])
    for waited in (0.0, LOOK_S - 0.1, 0.2):
        now[0] += waited
        watch.look(target(server), healthy())
    watch.look(target(server, run=2), healthy())
    assert [reports.wait_for(CacheReport) for _ in range(3)] == [CacheReport(run, FIGURES) for run in (1, 1, 2)]
    assert reports.is_empty()


def test_what_health_tells_of_is_looked_at_at_once(server: Server) -> None:
    reports = Recorder()
    watch = CacheWatch(reports.post, None, clock=lambda: 100.0)
    for report in (healthy(), healthy(), healthy(requests=1), healthy(requests=1, prefixes=5)):
        watch.look(target(server), report)
    assert [reports.wait_for(CacheReport).run for _ in range(3)] == [1, 1, 1]
    assert reports.is_empty()


def test_a_clear_is_told_with_the_figures_after_it(server: Server) -> None:
    reports = Recorder()
    CacheWatch(reports.post, None).clear(target(server))
    assert reports.wait_for(Noticed) == Noticed("Prompt cache cleared")
    assert reports.wait_for(CacheReport) == CacheReport(1, FIGURES)
    assert [method for method, *_ in server.asked] == ["POST", "GET", "GET"]


def test_named_keys_are_told_the_largest_first_with_the_minutes_they_have_left() -> None:
    keys = {"a": {"bytes": 5, "expires_in_s": 61.0}, "b": {"bytes": 9, "expires_in_s": None}, "c": 3}
    assert read_figures({"meta_by_key": keys}).keys == (NamedKey("b", 9), NamedKey("a", 5, 2), NamedKey("c", 0))


def test_the_last_miss_is_explained_once(server: Server) -> None:
    server.bodies["/recent"] = (
        b'{"requests": [{"request_id": "r3", "miss": "nothing"}, {"request_id": "r2", "miss": "diverged"}]}'
    )
    server.bodies["/explain"] = b'{"summary": "A word in message 2 changed."}'
    reports = Recorder()
    watch = CacheWatch(reports.post, None)
    for number in range(2):
        watch.look(target(server), healthy(requests=number))
    told = [reports.wait_for(CacheReport).figures for _ in range(2)]
    assert [figures.last_miss for figures in told if figures] == ["A word in message 2 changed."] * 2
    assert [path.rpartition("/")[2] for _, path, *_ in server.asked if "explain" in path] == ["explain?request_id=r2"]


def test_a_clear_that_failed_is_told_with_its_reason(server: Server) -> None:
    server.code, server.body = 401, b'{"error": "No API key."}'
    reports = Recorder()
    CacheWatch(reports.post, None).clear(target(server))
    assert reports.wait_for(Noticed) == Noticed("Prompt cache not cleared: No API key.")
