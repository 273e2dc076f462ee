"""The engine thread's loop: take commands, admit, step, hand out. The only code that touches the provider.

Everything here runs on the engine thread; other threads put Commands into `inbox` and read `Vitals`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from queue import Empty, SimpleQueue

from endpoint.engine.admission import NotYet
from endpoint.engine.chores import IDLE_BEAT_S, Chores, Upkeep
from endpoint.engine.commands import Cancel, Command, Control, Embed, EndEarly, FromDisk, Occupy, Stop, Submit
from endpoint.engine.deadlines import Deadlines
from endpoint.engine.embedding import EmbeddingLine
from endpoint.engine.keydesk import KeyDesk
from endpoint.engine.meter import outline
from endpoint.engine.metrics import Outcome
from endpoint.engine.sequence import ActiveSequence
from endpoint.engine.standing import Vitals
from endpoint.engine.starting import JobStarter
from endpoint.engine.stream import Delta, Failure, Finish, FinishReason, Opened, Outbox
from endpoint.engine.tiers import PrefixTiers
from endpoint.engine.totals import add_counts, keep_counts
from endpoint.engine.waiting import WaitingLine
from endpoint.errors import GenerationFailed, RequestError
from endpoint.providers.base import Event, Failed, Provider, Sampled


class LoopEnd(Enum):
    """Why the loop is left."""

    STOPPED = auto()
    IDLE = auto()  # the model was needed for nothing, for as long as was said


class EngineLoop:
    """Owns the provider and every generation in flight; ends when there was none for as long as its `upkeep` says."""

    def __init__(
        self,
        provider: Provider,
        inbox: SimpleQueue[Command],
        vitals: Vitals,
        tiers: PrefixTiers,
        desk: KeyDesk,
        upkeep: Upkeep,
    ) -> None:
        self._provider = provider
        self._tiers = tiers
        self._starter = JobStarter(provider, tiers)
        self._desk = desk
        self._chores = Chores(self._starter, tiers, upkeep, vitals)
        self._busy_at = time.monotonic()
        self._is_done = False
        self._ended: list[ActiveSequence] = []
        self._inbox = inbox
        self._vitals = vitals
        self._meter = vitals.meter
        self._waiting: WaitingLine[ActiveSequence] = WaitingLine()
        self._deadlines = Deadlines()
        self._embeddings = EmbeddingLine(provider.embedder, vitals.meter)
        self._running: dict[int, ActiveSequence] = {}
        self._outbox = Outbox()
        self._past = keep_counts(vitals.stats)
        self._show_stats()

    def run(self, kept: Iterable[Command] = ()) -> LoopEnd:
        """Work, first on what was `kept` for it, until nothing is left to do, or until a Stop comes: then `fail_all`
        must follow, and so it must when this raises what the provider raises."""
        if not all(map(self._obey, kept)):
            return LoopEnd.STOPPED
        while (end := self._take_commands()) is None:
            self._end_late()
            self._end_jobs()
            self._admit()
            is_busy = self._is_busy
            self._show_vitals()  # a step may be long, and others ask meanwhile
            self._take_events(self._step())
            self._outbox.flush()
            self._embeddings.step(brief=bool(self._running))
            self._end_jobs()
            self._chores.keep_to_bounds()
            if is_busy:
                self._busy_at = time.monotonic()
            self._show_vitals()
            self._show_stats()
        return end

    @property
    def _is_busy(self) -> bool:
        return bool(self._running or self._waiting or self._embeddings or self._chores.prefill.is_running)

    def _end_jobs(self) -> None:
        ended, self._ended = self._ended, []
        for sequence in ended:
            others = (running.job for running in self._running.values())
            self._starter.end(sequence.job, sequence.tokens, others, sequence.key)

    def _take_commands(self) -> LoopEnd | None:
        """Handle all that waits; with nothing to compute, wait for the next. None to go on."""
        try:
            command = self._wait_for_command()
            while self._obey(command):
                command = self._inbox.get_nowait()
        except Empty:
            return LoopEnd.IDLE if self._is_done else None
        return LoopEnd.STOPPED

    def _wait_for_command(self) -> Command:
        """The next command, at once while there is something to compute. Raises Empty."""
        if self._running or self._embeddings or self._chores.prefill.is_running:
            return self._inbox.get_nowait()
        if self._waiting:  # for the disk, if anything is on its way from there
            return self._inbox.get(timeout=IDLE_BEAT_S) if self._tiers.is_loading else self._inbox.get_nowait()
        quiet_s = time.monotonic() - self._busy_at
        try:
            return self._inbox.get(timeout=self._chores.choose_wait(quiet_s))
        except Empty:
            self._tiers.expire()
            self._is_done = self._chores.step(quiet_s)
            raise

    def save_all(self, seconds: float) -> None:
        """After a Stop: hand what isn't on the disk yet to those who write it, for so long."""
        self._end_jobs()
        self._chores.save_all(seconds)

    def _obey(self, command: Command) -> bool:
        match command:
            case Submit():
                self._take_request(command)
            case Embed(task, deadline):
                self._embeddings.join(task, deadline)
                self._show_queue()
            case Cancel(job_id):
                if not self._embeddings.cancel(job_id) and self._drop(job_id) is not None:
                    self._meter.count_end(Outcome.CANCELLED)
            case EndEarly(job_id):
                if job_id in self._running:
                    self._finish(self._running[job_id], FinishReason.STOP)
            case Occupy(seconds):
                time.sleep(seconds)  # on purpose deaf to everything, like a hung library call
            case Stop():
                return False
            case _:
                self._obey_cache(command)
        return True

    def _obey_cache(self, command: Command) -> None:
        match command:
            case Control():
                self._desk.take(command)
            case FromDisk(event):
                self._tiers.take(event)
                self._desk.hear(event)

    def _take_request(self, command: Submit) -> None:
        try:
            sequence = ActiveSequence(command.job_id, command.request, command.stream, self._provider.tokenizer)
        except Exception as error:  # what makes its constraint is the request's own: others must not suffer from it
            self._meter.count_failure("The generation could not begin: what limits its tokens failed.")
            self._outbox.put(command.stream, Failure(GenerationFailed(f"The generation could not begin: {error}")))
            self._outbox.flush()
            return
        self._tiers.expire()  # what it may not find any more
        self._waiting.join(sequence)
        self._show_queue()  # at once: it has left the inbox, where it was counted
        if command.deadline is not None:
            self._deadlines.add(command.job_id, command.deadline)

    def _end_late(self) -> None:
        """End what is out of time, running or waiting, and tell its readers at once: the next step may be long."""
        self._embeddings.end_late(time.monotonic())
        late = self._deadlines.take_due(time.monotonic())
        if not late:
            return
        for job_id in late:
            prefilled = self._provider.computed(job_id) if job_id in self._running else None
            sequence = self._drop(job_id)
            if sequence is not None:
                self._meter.count_end(Outcome.DEADLINE)
                self._outbox.put(sequence.stream, Failure(sequence.out_of_time(prefilled)))
        self._show_vitals()
        self._outbox.flush()

    def _admit(self) -> None:
        if self._waiting or self._embeddings:
            self._chores.prefill.stop()
        self._waiting.admit(self._try_start)

    def _try_start(self, sequence: ActiveSequence) -> NotYet | None:
        name = sequence.key.name if sequence.key is not None else None
        outcome = self._starter.try_start(sequence.job, (running.job for running in self._running.values()), name)
        if isinstance(outcome, NotYet):
            return outcome
        sequence.cached = outcome.report.cached
        self._meter.count_prompt(len(outcome.report.prompt), sequence.cached)
        self._running[sequence.job.id] = sequence
        self._outbox.put(sequence.stream, Opened(outcome.report))
        return None

    def _step(self) -> Sequence[Event]:
        only_prefills = not any(sequence.tokens for sequence in self._running.values())
        started = time.perf_counter()
        events = self._provider.step()
        if self._running:
            seconds = time.perf_counter() - started
            self._meter.count_step(seconds)
            if only_prefills:
                self._meter.prefill.note_step(seconds)
        return events

    def _take_events(self, events: Sequence[Event]) -> None:
        self._chores.prefill.take(events)
        for event in events:
            sequence = self._running.get(event.job_id)
            if sequence is None:
                continue
            match event:
                case Sampled():
                    self._take_token(sequence, event)
                case Failed(job_id, message):
                    del self._running[job_id]
                    self._deadlines.forget(job_id)
                    self._meter.count_failure(outline(message))
                    self._starter.forget(job_id)
                    self._outbox.put(sequence.stream, Failure(GenerationFailed(message)))

    def _take_token(self, sequence: ActiveSequence, event: Sampled) -> None:
        advance = sequence.feed(event.token, event.logprobs, event.prompt)
        self._meter.generated += 1
        if advance.text:
            told = sequence.ledger.take_shown()
            self._outbox.put(sequence.stream, Delta(advance.text, sequence.take_count(), told))
        if advance.finished is not None:
            self._finish(sequence, advance.finished)

    def _finish(self, sequence: ActiveSequence, reason: FinishReason) -> None:
        self._drop(sequence.job.id)
        self._chores.prefill.note(sequence.job.tokens, sequence.tokens, self._key_to_follow(sequence))
        self._meter.count_end(Outcome(reason.value))
        told = sequence.ledger.take_all()
        self._outbox.put(sequence.stream, Finish(reason, sequence.usage, sequence.stop, told))

    @staticmethod
    def _key_to_follow(sequence: ActiveSequence) -> str | None:
        return sequence.key.name if sequence.key is not None and not sequence.key.exact else None

    def _drop(self, job_id: int) -> ActiveSequence | None:
        """A running job's row is freed once this step's results are out; a waiting one has nothing yet. None when it
        is unknown (it has ended)."""
        self._deadlines.forget(job_id)
        sequence = self._running.pop(job_id, None)
        if sequence is not None:
            self._ended.append(sequence)
            return sequence
        sequence = next((waiting for waiting in self._waiting if waiting.job.id == job_id), None)
        if sequence is not None:
            self._waiting.leave(sequence)
        return sequence

    def fail_all(self, error: RequestError) -> None:
        """Tell every reader, those whose request is still in the inbox too. Only when no more can be submitted."""
        streams = [sequence.stream for sequence in (*self._running.values(), *self._waiting)]
        while True:
            try:
                command = self._inbox.get_nowait()
            except Empty:
                break
            if isinstance(command, Submit):
                streams.append(command.stream)
            elif isinstance(command, Embed):
                self._embeddings.join(command.task)
            elif isinstance(command, Control):
                command.answer(error)
        self._desk.give_up(error)
        self._embeddings.fail_all(error)
        for stream in streams:
            self._outbox.put(stream, Failure(error))
            self._meter.count_end(Outcome.FAILED)
        self._running.clear()
        self._waiting.clear()
        self._outbox.flush()
        self._show_vitals()

    def _show_vitals(self) -> None:
        vitals = self._vitals
        vitals.heartbeat = time.monotonic()
        vitals.active = len(self._running) + self._embeddings.active
        self._show_queue()

    def _show_queue(self) -> None:
        self._vitals.queued = len(self._waiting) + len(self._embeddings) - self._embeddings.active

    def _show_stats(self) -> None:
        stats = self._vitals.stats = add_counts(self._past, self._provider.stats())
        self._meter.take_count(time.monotonic(), stats.prefilled_tokens)
