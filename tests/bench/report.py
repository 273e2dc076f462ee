"""The table, for the terminal and for docs/benchmarks.md. Pure: results in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.contenders import Contender
from tests.bench.figures import Figure, pair_ratios, summarise
from tests.bench.goals import Verdict, judge
from tests.bench.metric import Basis, Metric, Workload
from tests.bench.rounds import Results

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run was, and what it found."""

    workloads: Sequence[Workload]
    contenders: Sequence[Contender]
    results: Results

    def header(self) -> list[str]:
        peers = [contender.name for contender in self.contenders]
        return ["workload", "figure", *peers, f"ratio to {peers[1]}", "goal", "met"]

    def rows(self) -> list[list[str]]:
        """One a metric; a workload's name stands in its first row only."""
        return [
            self._row(workload, metric, first=index == 0)
            for workload in self.workloads
            for index, metric in enumerate(workload.metrics)
        ]

    def _row(self, workload: Workload, metric: Metric, *, first: bool) -> list[str]:
        samples = {c.name: self.results.of(workload.name, metric.name, c.name) for c in self.contenders}
        names = list(samples)
        ours, peers = samples[names[0]], {name: samples[name] for name in names[1:]}
        verdicts = judge(metric, ours, peers)
        ratio = summarise(pair_ratios(ours, peers[names[1]]))
        unit = f" ({metric.unit})" if metric.unit else ""
        figures = [format_figure(summarise(samples[name])) for name in names]
        goals = "; ".join(f"{metric.better.value} {_format_goal(verdict)}" for verdict in verdicts)
        met = "; ".join(_format_met(verdict) for verdict in verdicts)
        return [workload.name if first else "", metric.name + unit, *figures, format_figure(ratio), goals, met]


def format_figure(figure: Figure | None) -> str:
    """Median and spread: "12.3 (11.9–12.8)"; only the median where nothing else was seen."""
    if figure is None:
        return NOTHING
    middle, low, high = map(format_number, (figure.median, figure.low, figure.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def format_number(value: float) -> str:
    """Three digits that count, no exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _format_goal(verdict: Verdict) -> str:
    goal = verdict.goal
    return f"{goal.bound:g}" if goal.basis is Basis.RATIO else f"{goal.bound:g} {goal.basis.value}"


def _format_met(verdict: Verdict) -> str:
    if verdict.met is None:
        return NOTHING
    word = "yes" if verdict.met else "no"
    # The ratio has its own column; what else was compared is told here.
    return word if verdict.goal.basis is Basis.RATIO else f"{word}: {format_figure(verdict.figure)}"


def format_text(report: Report) -> str:
    """Columns of equal width, for a terminal."""
    table = [report.header(), *report.rows()]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def format_markdown(report: Report) -> str:
    """A table for the documentation."""
    table = [report.header(), ["---"] * len(report.header()), *report.rows()]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)
