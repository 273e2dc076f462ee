"""`make bench`: get the peers, run the workloads, print the table, write docs/benchmarks.md or its like.

Environment: PROVIDER (llamacpp; mlx), ROUNDS (5), ONLY (words of workloads' names, comma-separated), PEERS (words of
contenders' names), MODEL (a .gguf, or an MLX folder; the starter), THREADS (physical cores), PAGE (where to write). A
run of less than everything writes no page unless PAGE says where. Exit code 0 when all was measured, 1 when something
failed, 2 for a wish without sense, 130 when interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from build_process import BuildFailed
from endpoint.errors import LoadError
from endpoint.providers.machine import count_threads
from tests.bench.catalogue import UnknownWorkload, select
from tests.bench.contenders import Contender, Launch
from tests.bench.machine import describe_machine
from tests.bench.metric import Workload
from tests.bench.page import format_page
from tests.bench.report import Report, format_text
from tests.bench.rounds import measure_with, run_rounds
from tests.bench.suites import Suite, find_suite

ENOUGH_ROUNDS = 5
"""For a median that may be published."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the environment asks for."""

    suite: Suite
    rounds: int
    workloads: Sequence[Workload]
    peers: str
    model: Path
    threads: int
    page: Path | None


def read_wishes(environment: Mapping[str, str]) -> Wishes:
    """Raises UnknownWorkload, ValueError, LoadError."""
    suite = find_suite(environment.get("PROVIDER", ""))
    rounds = int(environment.get("ROUNDS") or ENOUGH_ROUNDS)
    only, peers = environment.get("ONLY", ""), environment.get("PEERS", "")
    whole = rounds >= ENOUGH_ROUNDS and not only and not peers
    page = environment.get("PAGE") or (str(suite.page) if whole else "")
    return Wishes(
        suite=suite,
        rounds=rounds,
        workloads=select(only, suite.workloads),
        peers=peers,
        model=suite.find_model(environment.get("MODEL", "")).resolve(),
        threads=int(environment.get("THREADS") or count_threads()),
        page=Path(page) if page else None,
    )


def choose_contenders(contenders: Sequence[Contender], wish: str) -> tuple[Contender, ...]:
    """Ours and the first peer always, for every ratio needs them; the others if `wish` is empty or names them."""
    words = [word.strip().lower() for word in wish.split(",") if word.strip()]
    extra = (c for c in contenders[2:] if not words or any(word in c.name.lower() for word in words))
    return (*contenders[:2], *extra)


def run(wishes: Wishes) -> int:
    """Measure and report. Raises BuildFailed."""
    contenders = choose_contenders(wishes.suite.find_contenders(), wishes.peers)
    launch = Launch(wishes.model, wishes.threads, port=0)
    results = run_rounds(wishes.workloads, contenders, wishes.rounds, measure_with(launch), _say)
    report = Report(wishes.workloads, contenders, results)
    print(format_text(report))
    if wishes.page is None:
        _say(f"docs/{wishes.suite.page.name} is left as it was: it takes all workloads and {ENOUGH_ROUNDS} rounds.")
    else:
        machine = describe_machine(wishes.model, wishes.threads, wishes.rounds, wishes.suite.describe())
        page = format_page(wishes.suite.introduction, report, machine, wishes.rounds)
        wishes.page.write_text(page, encoding="utf-8")
        _say(f"Written: {wishes.page}")
    return 1 if results.failures else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """See the module for the exit codes."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that the server and the busy programs under us end, as by Ctrl-C
    try:
        return run(read_wishes(os.environ))
    except (UnknownWorkload, ValueError, LoadError) as error:
        _say(f"bench: {error}")
        return 2
    except BuildFailed as error:
        _say(f"bench: {error}")
        return 1
    except KeyboardInterrupt:
        _say("bench: interrupted; nothing was written.")
        return 130


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
