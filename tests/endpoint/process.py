"""The endpoint as a process of its own, as the tray and people start it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from endpoint.contract import Env

DEADLINE_S = 60.0


@dataclass(frozen=True)
class Run:
    """A process that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Live:
    """A running endpoint."""

    process: subprocess.Popen[str]
    port: int

    def health(self) -> tuple[int, dict[str, object]]:
        """Status code and body of GET /health."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def tell(self, line: str) -> None:
        """A line on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def get(self, path: str) -> dict[str, object]:
        """A JSON answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer: dict[str, object] = json.loads(connection.getresponse().read())
            return answer

    def wait_for_status(self, *wanted: str) -> dict[str, object]:
        """Poll /health until its status is one of `wanted`."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            body = self.health()[1]
            if body["status"] in wanted:
                return body
            time.sleep(0.02)
        raise AssertionError(f"never {wanted}: {body}")

    def post(self, path: str, body: object, timeout_s: float = DEADLINE_S) -> tuple[int, dict[str, object]]:
        """A JSON request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


def command(*arguments: str) -> list[str]:
    """The command line of an endpoint."""
    return [sys.executable, "-P", "-m", "endpoint", *arguments]


def clean_environment(config_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This environment without anything that configures an endpoint."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRAYPOINT_", "ABSTRACTENDPOINT_"))}
    own: dict[str, str] = {Env.CONFIG_DIR: str(config_dir), Env.CACHE_DIR: str(config_dir / "prefixes")}
    return {**kept, **own, **(extra or {})}


def run_to_end(config_dir: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Run:
    """Start it and wait for its end."""
    done = subprocess.run(
        command(*arguments),
        env=clean_environment(config_dir, extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def live(
    config_dir: Path,
    *arguments: str,
    extra: Mapping[str, str] | None = None,
    wrap: Callable[[list[str]], list[str]] = list,
) -> Iterator[Live]:
    """A managed endpoint on a free port, from its LISTEN line on; killed when the block ends. `wrap`: what else its
    command line is to say."""
    with subprocess.Popen(
        wrap(command("--managed", "--port", "0", *arguments)),
        env=clean_environment(config_dir, extra),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            word, port = process.stdout.readline().split()
            assert word == "LISTEN"
            yield Live(process, int(port))
        finally:
            process.kill()


def port_is_free(port: int) -> bool:
    """Whether it can be bound again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
