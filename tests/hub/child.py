"""The child of the hub as its parent sees it: started, spoken to, read, killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from endpoint.hub_contract import ENDS, HubEvent, parse_event
from tests.hub.standin import StandIn

ROOT = Path(__file__).resolve().parents[2]
_DROPPED = ("HF_", "HUGGING", "HTTP", "ALL_PROXY", "NO_PROXY", "TRANSFORMERS", "XDG_")


def make_env(hub: StandIn, home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A user without a token, whose hub is the stand-in and whose cache lies under `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_DROPPED)}
    ours = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HOME": str(home), "PYTHONPATH": str(ROOT)}
    return {**kept, **ours, "PYTHONUNBUFFERED": "1", **(more or {})}


class HubChild:
    """`words` after `python -m endpoint.hub`. Closed by `end`."""

    def __init__(self, words: list[str], env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "endpoint.hub", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            text=True,
        )

    def events(self) -> Iterator[HubEvent]:
        """To the end of its output. A line that is no event fails the test."""
        assert self.process.stdout
        for line in self.process.stdout:
            event = parse_event(line)
            assert event is not None, line
            yield event

    def say(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def hang_up(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.stdin = None  # communicate() would flush it

    def end(self) -> tuple[HubEvent, str]:
        """Its last event, and what it has written besides."""
        events = list(self.events())
        assert events, self.process.stderr.read() if self.process.stderr else ""
        assert isinstance(events[-1], ENDS), events[-1]
        return events[-1], self.close()

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def close(self) -> str:
        """Wait for its end; returns what it wrote to standard error."""
        _, errors = self.process.communicate()
        return errors or ""
