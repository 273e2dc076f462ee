"""`make bench`: get the peers, run the workloads, print the table, write docs/benchmarks.md.

Environment: ROUNDS (5), ONLY (words of workloads' names, comma-separated), PEERS (words of contenders' names), MODEL
(a .gguf; the starter), THREADS (physical cores), PAGE (where to write). A run of less than everything writes no page
unless PAGE says where. Exit code 0 when all was measured, 1 when something failed, 2 for a wish without sense, 130
when interrupted.
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
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.machine import count_threads
from tests.bench.catalogue import UnknownWorkload, select
from tests.bench.contenders import ROOT, Contender, Launch, make_contenders
from tests.bench.machine import describe_machine
from tests.bench.metric import Workload
from tests.bench.page import format_page
from tests.bench.peer_build import find_or_build
from tests.bench.report import Report, format_text
from tests.bench.rounds import measure_with, run_rounds

ENOUGH_ROUNDS = 5
"""For a median that may be published."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the environment asks for."""

    rounds: int
    workloads: Sequence[Workload]
    peers: str
    model: Path
    threads: int
    page: Path | None


def read_wishes(environment: Mapping[str, str]) -> Wishes:
    """Raises UnknownWorkload, ValueError."""
    rounds = int(environment.get("ROUNDS") or ENOUGH_ROUNDS)
    only, peers = environment.get("ONLY", ""), environment.get("PEERS", "")
    whole = rounds >= ENOUGH_ROUNDS and not only and not peers
    page = environment.get("PAGE") or (str(ROOT / "docs" / "benchmarks.md") if whole else "")
    return Wishes(
        rounds=rounds,
        workloads=select(only),
        peers=peers,
        model=locate_model(environment.get("MODEL") or "starter").resolve(),
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
    contenders = choose_contenders(make_contenders(find_or_build(sys.stderr)), wishes.peers)
    launch = Launch(wishes.model, wishes.threads, port=0)
    results = run_rounds(wishes.workloads, contenders, wishes.rounds, measure_with(launch), _say)
    report = Report(wishes.workloads, contenders, results)
    print(format_text(report))
    if wishes.page is None:
        _say(f"docs/benchmarks.md is left as it was: it takes all workloads and {ENOUGH_ROUNDS} rounds.")
    else:
        machine = describe_machine(wishes.model, wishes.threads, wishes.rounds)
        wishes.page.write_text(format_page(report, machine, wishes.rounds), encoding="utf-8")
        _say(f"Written: {wishes.page}")
    return 1 if results.failures else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """See the module for the exit codes."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that the server and the busy programs under us end, as by Ctrl-C
    try:
        return run(read_wishes(os.environ))
    except (UnknownWorkload, ValueError) as error:
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
