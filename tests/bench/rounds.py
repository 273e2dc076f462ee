"""Runs workloads round by round, contender after contender (A B A B…), and keeps what was measured.

Owner: the main thread. One measurement is one fresh server, one event loop, and at most LIMIT_S seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.bench.client import ServerRefused
from tests.bench.contenders import Contender, Launch
from tests.bench.figures import Sample
from tests.bench.metric import Workload
from tests.bench.server import Bench, StartFailed, find_port, running

LIMIT_S = 900.0

Measure = Callable[[Workload, Contender], Mapping[str, float]]
"""One measurement. Raises what FAILURES names when the contender can't do it."""

FAILURES = (StartFailed, ServerRefused, TimeoutError, ValueError, OSError, EOFError, ExceptionGroup)


@dataclass(slots=True)
class Results:
    """Samples by (workload, metric, contender), one a round; and why one is missing."""

    samples: dict[tuple[str, str, str], list[Sample]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, workload: Workload, contender: str, measured: Mapping[str, float] | None) -> None:
        """A round's figures; None: it had none."""
        for metric in workload.metrics:
            sample = None if measured is None else measured[metric.name]
            self.samples.setdefault((workload.name, metric.name, contender), []).append(sample)

    def of(self, workload: str, metric: str, contender: str) -> Sequence[Sample]:
        """One a round; empty when it doesn't take part."""
        return self.samples.get((workload, metric, contender), ())


def run_rounds(
    workloads: Iterable[Workload],
    contenders: Sequence[Contender],
    rounds: int,
    measure: Measure,
    say: Callable[[str], None],
) -> Results:
    """Everything. A failure is told, kept, and leaves a gap; the rest goes on."""
    results = Results()
    for workload in workloads:
        for number in range(1, rounds + 1):
            for contender in contenders:
                if contender.takes_part(workload.name):
                    outcome = _add_measurement(results, workload, contender, measure)
                    say(f"{workload.name}, round {number}, {contender.name}: {outcome}")
    return results


def _add_measurement(results: Results, workload: Workload, contender: Contender, measure: Measure) -> str:
    try:
        measured = measure(workload, contender)
    except FAILURES as error:
        reason = _explain(error)
        results.failures.append(f"{workload.name}, {contender.name}: {reason}")
        results.add(workload, contender.name, None)
        return f"failed: {reason}"
    results.add(workload, contender.name, measured)
    return ", ".join(f"{name} {value:.3g}" for name, value in measured.items())


def measure_with(launch: Launch) -> Measure:
    """The real measurement: start the contender on a free port, run the workload against it, end it."""

    def measure(workload: Workload, contender: Contender) -> Mapping[str, float]:
        with running(contender, replace(launch, port=find_port())) as bench:
            return asyncio.run(_within_limit(workload, bench))

    return measure


async def _within_limit(workload: Workload, bench: Bench) -> Mapping[str, float]:
    async with asyncio.timeout(LIMIT_S):
        return await workload.run(bench)


def _explain(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}" if not isinstance(error, TimeoutError) else f"over {LIMIT_S:.0f} s"
