"""A model that goes and comes back, as tests of that want it: counted, held back, failing the second time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from endpoint.engine.engine import Engine
from endpoint.engine.health import Presence
from endpoint.providers import fake
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.engine.rig import DEADLINE_S

IDLE_S = 0.05
MOST_TOLD = 2_000
"""A test that has failed doesn't hold its engine up for ever."""


class Watched(fake.FakeProvider):
    """Knows whether it was closed, and on which thread."""

    closed_on: threading.Thread | None = None

    def close(self) -> None:
        """Drop everything."""
        super().close()
        self.closed_on = threading.current_thread()


@dataclass
class Loads:
    """A loader. From the second load on it waits for `go_on`, telling its progress all the time, as a real one does;
    then it raises the `error`, if there is one."""

    error: Exception | None = None
    silent: bool = False
    go_on: threading.Event = field(default_factory=threading.Event)
    providers: list[Watched] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many have begun."""
        return len(self.threads)

    def __call__(self, progress: Progress) -> Provider:
        self.threads.append(threading.current_thread())
        if self.count > 1:
            for _ in range(MOST_TOLD):
                if self.go_on.wait(0.005):
                    break
                if not self.silent:
                    progress(0.4)
            if self.error is not None:
                raise self.error
        made = fake.load("echo", LoadOptions(), lambda _share: None)
        self.providers.append(Watched(made.info, made.caps.max_parallel, 0.0))
        return self.providers[-1]


def at_once() -> Loads:
    """One that isn't held back."""
    loads = Loads()
    loads.go_on.set()
    return loads


async def until(condition: Callable[[], bool]) -> None:
    """Until it holds."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110  it is the engine's thread that makes it true
            await asyncio.sleep(0.001)


async def until_unloaded(engine: Engine) -> None:
    """Until the model has gone."""
    await until(lambda: engine.health().presence is Presence.UNLOADED)
