"""The controller with a fake performer and a fake view: what reaches them, and how it ends."""

from __future__ import annotations

import threading

import pytest

from endpoint.contract import HealthStatus
from tray.actions import ChildExited, ChildListening, HealthReport, UserAction
from tray.controller import Controller
from tray.effects import ChildEffect, Effect, StartChild
from tray.lifecycle import Lifecycle
from tray.state import AppState, EndpointState

PATIENCE_S = 20.0


class FakePerformer:
    """Answers a start as an endpoint would, and a stop with an exit."""

    def __init__(self, controller: Controller, crashes: int = 0) -> None:
        self.performed: list[Effect] = []
        self.is_closed = False
        self._controller = controller
        self._crashes = crashes
        self._run = 0
        self.third_start = threading.Event()

    def perform(self, effect: Effect) -> None:
        self.performed.append(effect)
        if isinstance(effect, StartChild):
            self._run = effect.run
            if effect.run == 3:
                self.third_start.set()
            self._controller.post(ChildListening(effect.run, 8100))
            self._controller.post(HealthReport(effect.run, HealthStatus.HEALTHY, model="m"))
            if self._crashes:
                self._crashes -= 1
                self._controller.post(ChildExited(effect.run, -11))
        elif effect is ChildEffect.STOP:
            self._controller.post(ChildExited(self._run, 0))

    def close(self) -> None:
        self.is_closed = True


class FakeView:
    """Remembers every state, and can be waited on."""

    def __init__(self) -> None:
        self.shown: list[AppState] = []
        self.is_closed = False
        self._changed = threading.Condition()

    def show(self, state: AppState) -> None:
        with self._changed:
            self.shown.append(state)
            self._changed.notify_all()

    def close(self) -> None:
        self.is_closed = True

    def states(self) -> list[EndpointState]:
        return [state.endpoint for state in self.shown]

    def wait_for(self, state: EndpointState) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: state in self.states(), PATIENCE_S), self.shown


def test_a_whole_life_is_shown_step_by_step_and_ends_with_zero() -> None:
    controller = Controller(Lifecycle())
    performer, view = FakePerformer(controller), FakeView()
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(controller.run(performer, [view])))
    thread.start()
    controller.post(UserAction.START)
    view.wait_for(EndpointState.READY)
    controller.post(UserAction.QUIT)
    thread.join(PATIENCE_S)
    assert codes == [0]
    assert view.states() == [
        EndpointState.STOPPED,
        EndpointState.LOADING,
        EndpointState.LOADING,  # the port is known now
        EndpointState.READY,
        EndpointState.STOPPING,
        EndpointState.STOPPED,
    ]
    assert performer.is_closed
    assert view.is_closed


def test_the_same_state_is_not_shown_twice() -> None:
    controller = Controller(Lifecycle())
    performer, view = FakePerformer(controller), FakeView()
    for action in (UserAction.START, UserAction.START):
        controller.post(action)
    for _ in range(5):
        controller.post(HealthReport(1, HealthStatus.HEALTHY, model="m"))
    controller.post(UserAction.QUIT)
    controller.run(performer, [view])
    assert len(view.shown) == len({id(state) for state in view.shown})
    assert all(one != two for one, two in zip(view.shown, view.shown[1:], strict=False))


def test_a_crash_is_retried_when_its_time_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tray.backoff.DELAYS_S", (0.01,))
    controller = Controller(Lifecycle())
    performer, view = FakePerformer(controller, crashes=2), FakeView()
    thread = threading.Thread(target=lambda: controller.run(performer, [view]))
    thread.start()
    controller.post(UserAction.START)
    assert performer.third_start.wait(PATIENCE_S)
    controller.post(UserAction.QUIT)
    thread.join(PATIENCE_S)
    starts = [effect for effect in performer.performed if isinstance(effect, StartChild)]
    assert [(effect.run, effect.options.port) for effect in starts] == [(1, 8001), (2, 8100), (3, 8100)]


def test_a_bug_in_an_effect_still_closes_everything() -> None:
    class Broken(FakePerformer):
        def perform(self, effect: Effect) -> None:
            raise RuntimeError("bug")

    controller = Controller(Lifecycle())
    performer, view = Broken(controller), FakeView()
    controller.post(UserAction.START)
    with pytest.raises(RuntimeError):
        controller.run(performer, [view])
    assert performer.is_closed
    assert view.is_closed
