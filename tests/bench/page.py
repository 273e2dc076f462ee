"""docs/benchmarks.md and its like. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.bench.contenders import Contender, Launch
from tests.bench.report import Report, format_markdown


def format_page(introduction: str, report: Report, machine: Mapping[str, str], rounds: int) -> str:
    """The whole page; `introduction` has its title."""
    parts = [
        introduction,
        "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in machine.items())]),
        "## Figures",
        format_markdown(report),
        "## Workloads",
        "\n".join(f"- **{workload.name}**: {workload.told}." for workload in report.workloads),
        "## Flags",
        "\n".join(f"- {contender.name}: `{_format_command(contender)}`" for contender in report.contenders),
    ]
    if report.results.failures:
        parts += ["## What failed", _format_failures(report.results.failures, rounds)]
    return "\n\n".join(parts) + "\n"


def _format_command(contender: Contender) -> str:
    """The command line with names instead of this machine's paths."""
    command = contender.command(Launch(Path("MODEL"), threads=0, port=0))
    words = [Path(command[0]).name, *command[1:]]
    named = {"--threads": "THREADS", "-t": "THREADS", "-tb": "THREADS", "--port": "PORT"}
    named |= {"--n_threads": "THREADS", "--n_threads_batch": "THREADS"}
    return shlex.join(named.get(before, word) for before, word in zip(["", *words], words, strict=False))


def _format_failures(failures: Iterable[str], rounds: int) -> str:
    counted: dict[str, int] = {}
    for failure in failures:
        line = failure.splitlines()[0]
        counted[line] = counted.get(line, 0) + 1
    return "\n".join(f"- {line} ({count} of {rounds} rounds)" for line, count in counted.items())
