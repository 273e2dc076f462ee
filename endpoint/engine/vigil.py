"""What the engine's thread does while it has no model: what needs none is done, what needs one is kept for it.

Engine thread only, also from within a load, by way of its progress. Deadlines and cancellations hold meanwhile; the
requests run once they are handed on, in the order in which they came.
"""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue

from endpoint.engine.chores import IDLE_BEAT_S
from endpoint.engine.commands import Cancel, Command, Control, Embed, EndEarly, FromDisk, Occupy, Stop, Submit
from endpoint.engine.deadlines import Deadlines
from endpoint.engine.keydesk import KeyDesk
from endpoint.engine.metrics import Outcome
from endpoint.engine.standing import Vitals
from endpoint.engine.stream import Failure, Outbox
from endpoint.engine.tiers import PrefixTiers
from endpoint.errors import DeadlineExceeded, RequestError, Unavailable


class Vigil:
    """From the moment when the model has gone to the one when it is back, or can't be had."""

    def __init__(self, inbox: SimpleQueue[Command], vitals: Vitals, tiers: PrefixTiers, desk: KeyDesk) -> None:
        self._inbox = inbox
        self._vitals = vitals
        self._tiers = tiers
        self._desk = desk
        self._kept: dict[int, Submit | Embed] = {}
        self._deadlines = Deadlines()
        self._stop: Stop | None = None

    def wait(self) -> bool:
        """Until a request needs the model; False when a Stop comes first."""
        while not self._kept and self._stop is None:
            try:
                self._obey(self._inbox.get(timeout=IDLE_BEAT_S))
            except Empty:
                self._tiers.expire()
            self._show_vitals()
        return self._stop is None

    def attend(self) -> None:
        """While the model is being loaded: take what has come, and end what is out of time. Never waits."""
        while True:
            try:
                self._obey(self._inbox.get_nowait())
            except Empty:
                break
        for request_id in self._deadlines.take_due(time.monotonic()):
            command = self._kept.pop(request_id)
            timeout_s = command.request.timeout_s if isinstance(command, Submit) else command.task.request.timeout_s
            error = DeadlineExceeded(timeout_s or 0.0, "while the model was being loaded again")
            self._tell([command], error, Outcome.DEADLINE)
        if self._stop is not None:
            self.fail_all(Unavailable("The endpoint is stopping."))
        self._show_vitals()

    def hand_on(self) -> tuple[Command, ...]:
        """What the loop is to begin with: requests that still wait, and the Stop that came meanwhile."""
        return (*self._kept.values(), *(() if self._stop is None else (self._stop,)))

    def fail_all(self, error: RequestError) -> None:
        """Tell every reader, and whoever waits for a save. What comes later stays in the inbox."""
        kept, self._kept = list(self._kept.values()), {}
        self._deadlines = Deadlines()
        self._tell(kept, error, Outcome.FAILED)
        self._desk.give_up(error)
        self._show_vitals()

    def _obey(self, command: Command) -> None:
        match command:
            case Submit():
                self._keep(command.job_id, command)
            case Embed():
                self._keep(command.task.id, command)
            case Cancel(request_id):
                if self._kept.pop(request_id, None) is not None:
                    self._deadlines.forget(request_id)
                    self._vitals.meter.count_end(Outcome.CANCELLED)
            case Control():
                self._desk.take(command)
            case FromDisk(event):
                self._tiers.take(event)
                self._desk.hear(event)
            case Occupy(seconds):
                time.sleep(seconds)  # on purpose deaf to everything, as in the loop
            case Stop():
                self._stop = command
            case EndEarly():
                pass  # nothing has begun

    def _keep(self, request_id: int, command: Submit | Embed) -> None:
        self._kept[request_id] = command
        if command.deadline is not None:
            self._deadlines.add(request_id, command.deadline)

    def _tell(self, commands: list[Submit | Embed], error: RequestError, outcome: Outcome) -> None:
        outbox = Outbox()
        for command in commands:
            self._vitals.meter.count_end(outcome)
            if isinstance(command, Submit):
                outbox.put(command.stream, Failure(error))
            else:
                command.task.reader.settle(error)
        outbox.flush()

    def _show_vitals(self) -> None:
        self._vitals.heartbeat = time.monotonic()
        self._vitals.active = 0
        self._vitals.queued = len(self._kept)
