"""Starts a contender's process, waits until it answers, ends it. Owner: the main thread.

Every measurement gets a fresh process: nothing is warm that the workload didn't warm itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tests.bench.client import Client
from tests.bench.contenders import Contender, Launch

READY_S = 180.0
GRACE_S = 10.0
POLL_S = 0.01
PORTS = range(8500, 8600)


class StartFailed(Exception):
    """The server ended, or never got ready; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A running server: its client, its process, and how long it took to get ready, in seconds."""

    client: Client
    process: subprocess.Popen[bytes]
    ready_s: float

    def resident_bytes(self) -> int:
        """Resident memory of the process and its children now."""
        root = psutil.Process(self.process.pid)
        return sum(process.memory_info().rss for process in (root, *root.children(recursive=True)))


@contextlib.contextmanager
def running(contender: Contender, launch: Launch) -> Iterator[Bench]:
    """A ready server, gone when the block ends. Raises StartFailed, and what Client.complete raises when it can't warm
    up."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, (Path(folder) / "log").open("w+b") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            contender.command(launch),
            env=contender.environment(os.environ, Path(folder)),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(contender, process, launch.port, log)
            client = Client(launch.port)
            if contender.warm_up:
                asyncio.run(_warm_up(client))
            yield Bench(client, process, time.perf_counter() - started)
        finally:
            _end(process)


def find_port() -> int:
    """A free one."""
    for port in PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise StartFailed(f"All ports from {PORTS.start} to {PORTS.stop - 1} are taken.")


def _wait_until_ready(contender: Contender, process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.perf_counter() + READY_S
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise StartFailed(f"{contender.name} ended with exit code {process.returncode}:\n{_tail(log)}")
        if _answers(port, contender.ready_path):
            return
        time.sleep(POLL_S)
    raise StartFailed(f"{contender.name} was not ready after {READY_S:.0f} s:\n{_tail(log)}")


async def _warm_up(client: Client) -> None:
    async with asyncio.timeout(READY_S):
        await client.complete("Once upon a time", 2)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-15:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
