"""Workloads against a real process: our own endpoint with the fake provider. What they measure there means nothing;
that they measure all they promise, and leave nothing behind, does."""

from __future__ import annotations

import asyncio
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.bench.catalogue import MLX_WORKLOADS, WORKLOADS
from tests.bench.client import ServerRefused
from tests.bench.contenders import Contender, Launch
from tests.bench.hogs import busy_processes
from tests.bench.metric import Workload
from tests.bench.rounds import measure_with, run_rounds
from tests.bench.server import Bench, StartFailed, find_port, running
from tests.bench.workloads import chats

WORDS = ["--provider", "fake", "--model", "echo", "--ctx-size", "65536"]
FAKE = Contender("fake", lambda launch: [sys.executable, "-P", "-m", "endpoint", *WORDS, "--port", str(launch.port)])
BROKEN = Contender("broken", lambda _: [sys.executable, "-c", "print('no such model'); raise SystemExit(3)"])


def launch() -> Launch:
    return Launch(Path("unused.gguf"), threads=1, port=find_port())


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running(FAKE, launch()) as started:
        yield started


@pytest.fixture
def nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workload waits a second for each answer to be read: here, where the wait is not what counts, not so long."""
    monkeypatch.setattr(chats, "READING_S", 0.01)


@pytest.mark.usefixtures("nobody_reads")
@pytest.mark.parametrize("workload", [*WORKLOADS, *MLX_WORKLOADS], ids=lambda workload: workload.name)
def test_a_workload_measures_what_it_promises(bench: Bench, workload: Workload) -> None:
    measured = asyncio.run(workload.run(bench))
    assert set(measured) == {metric.name for metric in workload.metrics}
    assert all(value >= 0 for value in measured.values())


def test_a_stream_carries_the_servers_text_and_count(bench: Bench) -> None:
    trace = asyncio.run(bench.client.complete("hello", 3))
    assert (trace.text, trace.tokens, len(trace.arrivals)) == ("hel", 3, 3)
    assert trace.sent_at < trace.arrivals[0] <= trace.arrivals[-1]


def test_a_refusal_says_what_the_server_said(bench: Bench) -> None:
    with pytest.raises(ServerRefused, match=r"400: .*context_length_exceeded"):
        asyncio.run(bench.client.complete("x" * 70000, 3))


def test_the_process_is_gone_after_the_block() -> None:
    with running(FAKE, launch()) as started:
        assert started.ready_s > 0
        assert started.resident_bytes() > 0
        pid = started.process.pid
    assert not psutil.pid_exists(pid)


def test_a_server_that_must_be_warmed_up_has_answered_before_its_block_begins() -> None:
    with running(replace(FAKE, warm_up=True), launch()) as started:
        assert written_tokens(started.client.port) == 2


def written_tokens(port: int) -> float:
    """The server's own count, since it was started."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines: list[str] = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("traypoint_generated_tokens_total"))


def test_a_server_that_ends_at_once_is_reported_with_its_last_words() -> None:
    with pytest.raises(StartFailed, match=r"broken ended with exit code 3:\nno such model"), running(BROKEN, launch()):
        pass


def test_a_failing_contender_does_not_stop_the_others() -> None:
    told: list[str] = []
    results = run_rounds(WORKLOADS[:1], (FAKE, BROKEN), 1, measure_with(launch()), told.append)
    assert results.of("one stream", "decode", "fake")[0] is not None
    assert results.of("one stream", "decode", "broken") == [None]
    assert told[1].startswith("one stream, round 1, broken: failed: StartFailed: broken ended with exit code 3")


def test_busy_processes_end_with_their_block() -> None:
    before = set(psutil.Process().children())
    with busy_processes(2):
        assert len(set(psutil.Process().children()) - before) == 2
    assert set(psutil.Process().children()) == before
