"""One download at a time, the others wait; each change is reported."""

from __future__ import annotations

import queue

from endpoint.hub_contract import Done, Failed, Progress, Started, Stopped
from tests.tray.downloads.fake_hub import TIMEOUT_S, Reports, make_child
from tray.downloads.downloads import Downloads
from tray.spawn import Command

A, B = "owner/a", "owner/b"


def started(repo: str, *partials: str) -> Started:
    return Started(repo, f"{repo[-1]}.gguf", 1, 0, 100, "", partials)


class Script:
    """Children by what they are asked for, in turn."""

    def __init__(self, **children: list[Command]) -> None:
        self.discarded: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._children = {f"owner/{name}": commands for name, commands in children.items()}

    def __call__(self, words: tuple[str, ...]) -> Command:
        deed, _, wanted = words
        if deed == "discard":
            self.discarded.put(wanted)
            return make_child(Stopped("cancel"))
        return self._children[wanted].pop(0)


def test_a_download_goes_from_waiting_to_done() -> None:
    reports = Reports()
    child = make_child(started(A), Progress(50, 100), Done("llamacpp", "/a.gguf", 100, 100))
    downloads = Downloads(reports.post, Script(a=[child]))
    downloads.start(A)
    reports.wait_for("queued")
    reports.wait_for("running")
    [done] = reports.wait_for("done")
    assert done.ref is not None
    assert done.ref.model == "/a.gguf"
    downloads.close()


def test_the_second_waits_for_the_first() -> None:
    reports = Reports()
    script = Script(a=[make_child(started(A), waits=True)], b=[make_child(Done("mlx", B, 1, 1))])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("running", "queued")
    downloads.pause(A)
    reports.wait_for("paused", "done")
    downloads.close()


def test_a_paused_one_goes_on_where_it_was() -> None:
    reports = Reports()
    first = make_child(started(A), Progress(50, 100), waits=True)
    script = Script(a=[first, make_child(started(A), Done("mlx", A, 100, 50))])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    while reports.wait_for("running")[0].done_bytes != 50:
        pass
    downloads.pause(A)
    assert reports.wait_for("paused")[0].done_bytes == 50
    downloads.start(A)
    reports.wait_for("done")
    downloads.close()


def test_one_that_waits_can_be_cancelled_and_the_running_one_goes_on() -> None:
    reports = Reports()
    downloads = Downloads(reports.post, Script(a=[make_child(started(A), waits=True)]))
    downloads.start(A)
    downloads.start(B)
    downloads.cancel(B)
    reports.wait_for("running", "cancelled")
    downloads.close()


def test_cancelling_a_paused_one_has_what_has_come_deleted() -> None:
    reports, script = Reports(), Script(a=[make_child(started(A, "/partial"), waits=True)])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    while not reports.wait_for("running")[0].total_bytes:
        pass
    downloads.pause(A)
    reports.wait_for("paused")
    assert script.discarded.empty()
    downloads.cancel(A)
    reports.wait_for("cancelled")
    assert script.discarded.get(timeout=TIMEOUT_S) == "/partial"
    downloads.close()


def test_a_failure_lets_the_next_one_run() -> None:
    reports = Reports()
    script = Script(a=[make_child(Failed("network", "No way."))], b=[make_child(Done("mlx", B, 1, 1))])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    downloads.start(B)
    assert reports.wait_for("failed", "done")[0].problem == "No way."
    downloads.close()


def test_a_child_that_can_not_be_started_fails_and_the_next_one_runs() -> None:
    reports = Reports()
    script = Script(a=[Command(("/nowhere/python",), {})], b=[make_child(Done("mlx", B, 1, 1))])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("failed", "done")
    downloads.close()


def test_what_has_ended_can_be_forgotten_and_what_runs_can_not() -> None:
    reports = Reports()
    script = Script(a=[make_child(Done("mlx", A, 1, 1))], b=[make_child(started(B), waits=True)])
    downloads = Downloads(reports.post, script)
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("done", "running")
    downloads.forget(B)
    downloads.forget(A)
    assert [each.wanted for each in reports.wait_for("running")] == [B]
    downloads.close()


def test_closing_pauses_what_runs_and_starts_nothing_more() -> None:
    reports = Reports()
    downloads = Downloads(reports.post, Script(a=[make_child(started(A), waits=True)]))
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("running", "queued")
    downloads.close()
    reports.wait_for("paused", "queued")
