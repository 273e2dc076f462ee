"""The order of measurements, and what becomes of a failed one."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.contenders import Contender
from tests.bench.metric import Workload, rate
from tests.bench.page import format_page
from tests.bench.report import NOTHING, Report, format_figure, format_markdown, format_number, format_text
from tests.bench.rounds import run_rounds
from tests.bench.server import Bench, StartFailed


async def _never(_: Bench) -> Mapping[str, float]:
    raise AssertionError("the fake measurement runs no workload")


def workload(name: str, bound: float | None = None) -> Workload:
    return Workload(name, f"what {name} does", (rate("decode", bound),), _never)


OURS = Contender("ours", lambda launch: ["/bin/ours", "--threads", str(launch.threads), str(launch.model)])
PEER = Contender("peer", lambda launch: ["/opt/bin/peer", "-t", str(launch.threads), "--port", str(launch.port)])
EDITOR = Contender("editor", lambda _: ["editor"], only=frozenset({"edit"}))


class FakeMeasure:
    """Ours does 20 tok/s, the others 10; those in `broken` fail. Notes who was measured."""

    def __init__(self, *broken: str) -> None:
        self.calls: list[str] = []
        self._broken = broken

    def __call__(self, workload: Workload, contender: Contender) -> Mapping[str, float]:
        self.calls.append(f"{workload.name} {contender.name}")
        if contender.name in self._broken:
            raise StartFailed("it ended with exit code 1\nwith a log")
        return {"decode": 20.0 if contender is OURS else 10.0}


def run(measure: FakeMeasure, *names: str, rounds: int = 2) -> Report:
    workloads = [workload(name, 1.5) for name in names]
    contenders = (OURS, PEER, EDITOR)
    return Report(workloads, contenders, run_rounds(workloads, contenders, rounds, measure, lambda _: None))


def test_contenders_take_turns_within_each_round() -> None:
    measure = FakeMeasure()
    run(measure, "chat", "edit")
    chat = ["chat ours", "chat peer"] * 2
    assert measure.calls == chat + ["edit ours", "edit peer", "edit editor"] * 2


def test_the_table_has_figures_ratio_goal_and_verdict() -> None:
    report = run(FakeMeasure(), "chat")
    assert report.header() == ["workload", "figure", "ours", "peer", "editor", "ratio to peer", "goal", "met"]
    assert report.rows() == [["chat", "decode (tok/s)", "20.0", "10.0", NOTHING, "2.00", "≥ 1.5", "yes"]]


def test_a_failure_leaves_a_gap_and_is_told_once_with_its_count() -> None:
    report = run(FakeMeasure("peer"), "chat", "edit")
    assert [row[2:6] for row in report.rows()] == [
        ["20.0", NOTHING, NOTHING, NOTHING],
        ["20.0", NOTHING, "10.0", NOTHING],
    ]
    page = format_page("# Title", report, {"threads": "2"}, 2)
    assert "- chat, peer: StartFailed: it ended with exit code 1 (2 of 2 rounds)" in page
    assert "with a log" not in page


def test_the_page_names_no_path_of_the_machine() -> None:
    page = format_page("# Title", run(FakeMeasure(), "chat"), {"threads": "2"}, 2)
    assert "- ours: `ours --threads THREADS MODEL`" in page
    assert "- peer: `peer -t THREADS --port PORT`" in page
    assert "| threads | 2 |" in page
    assert "What failed" not in page


def test_both_tables_hold_the_same_rows() -> None:
    report = run(FakeMeasure(), "chat", "edit")
    for row in report.rows():
        assert f"| {' | '.join(row)} |" in format_markdown(report)
    assert len(format_text(report).splitlines()) == 2 + len(report.rows())


def test_figures_show_three_digits_and_their_spread() -> None:
    assert [format_number(value) for value in (1234.5, 12.34, 1.234, 0.01234)] == ["1234", "12.3", "1.23", "0.012"]
    report = run(FakeMeasure(), "chat")
    samples = report.results.samples["chat", "decode", "ours"]
    samples[0] = 30.0
    assert report.rows()[0][2] == "25.0 (20.0–30.0)"
    assert format_figure(None) == NOTHING
