"""A lifecycle that actions happen to: no processes, no clock. For tests of the state machine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from endpoint.contract import HealthStatus
from tray.actions import ChildExited, ChildListening, Click, HealthReport, Report, UserAction
from tray.effects import Effect, StartChild
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.state import EndpointState


@dataclass
class Story:
    """A lifecycle that actions happen to."""

    life: Lifecycle = field(default_factory=Lifecycle)
    now: float = 0.0

    def do(self, *actions: Click | Report) -> tuple[Effect, ...]:
        effects: tuple[Effect, ...] = ()
        for action in actions:
            self.life, effects = advance(self.life, action, self.now)
        return effects

    @property
    def state(self) -> EndpointState:
        return self.life.app.endpoint

    @property
    def run(self) -> int:
        return self.life.run

    def healthy(self, active: int = 0, queued: int = 0) -> HealthReport:
        return HealthReport(self.run, HealthStatus.HEALTHY, model="m.gguf", active=active, queued=queued)

    def crash(self) -> tuple[Effect, ...]:
        return self.do(ChildExited(self.run, -11))


def start(run: int, port: int) -> StartChild:
    """The effect that starts what is asked for by nobody: all defaults."""
    return StartChild(run, replace(Lifecycle().places.options, port=port))


def start_story() -> Story:
    """One whose endpoint has begun to load."""
    story = Story()
    story.do(UserAction.START, ChildListening(1, 8100))
    return story


def ready_story() -> Story:
    """One whose endpoint is ready."""
    story = start_story()
    story.do(story.healthy())
    return story
