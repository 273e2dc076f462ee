"""One download at a time, the others wait; each change is reported."""

from __future__ import annotations

import queue

from endpoint.hub_contract import Done, Failed, Progress, Started, Stopped
from tests.tray.downloads.fake_hub import TIMEOUT_S, Reports, make_child
from tray.downloads.download import Download, DownloadState, Tracked
from tray.downloads.downloads import Downloads
from tray.downloads.records import Records
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
        deed, *_, wanted = words
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


class Kept:
    """What would be found by the next app."""

    def __init__(self) -> None:
        self.all: list[Records] = []

    def keep(self, records: Records) -> None:
        self.all.append(records)

    @property
    def last(self) -> list[tuple[str, str, int]]:
        return [(each.shown.wanted, each.shown.state.value, each.shown.done_bytes) for each in self.all[-1].downloads]


def left(wanted: str, state: DownloadState, done: int = 0, *partials: str) -> Tracked:
    return Tracked(Download(wanted, wanted, state=state, done_bytes=done, total_bytes=100), partials=partials)


def test_what_ran_or_waited_when_the_app_ended_goes_on_in_order_and_the_rest_is_shown() -> None:
    reports = Reports()
    script = Script(a=[make_child(started(A), waits=True)], b=[make_child(Done("mlx", B, 1, 1))])
    downloads = Downloads(reports.post, script)
    paused, failed = left("owner/c", DownloadState.PAUSED, 40), left("owner/d", DownloadState.FAILED)
    waiting = (left(A, DownloadState.QUEUED), left(B, DownloadState.QUEUED))
    downloads.resume(Records((paused, waiting[0], failed, waiting[1])))
    assert reports.wait_for("paused", "running", "failed", "queued")[0].done_bytes == 40
    downloads.pause(A)
    reports.wait_for("paused", "paused", "failed", "done")
    downloads.close()


def test_one_that_an_earlier_app_left_can_be_cancelled_with_what_has_come() -> None:
    reports, script = Reports(), Script()
    downloads = Downloads(reports.post, script)
    downloads.resume(Records((left(A, DownloadState.PAUSED, 40, "/partial"),)))
    downloads.cancel(A)
    reports.wait_for("cancelled")
    assert script.discarded.get(timeout=TIMEOUT_S) == "/partial"
    downloads.close()


def test_it_is_kept_what_there_is_to_go_on_with_and_not_how_far_each_is() -> None:
    reports, kept = Reports(), Kept()
    child = make_child(started(A, "/partial"), *(Progress(done, 100) for done in range(50)), waits=True)
    downloads = Downloads(reports.post, Script(a=[child]), keep=kept.keep)
    downloads.start(A)
    while reports.wait_for("running")[0].done_bytes != 49:
        pass
    assert kept.last == [(A, "queued", 0)]
    assert len(kept.all) == 2, "when it was asked for, and when its files were known"
    assert kept.all[-1].downloads[0].partials == ("/partial",)
    downloads.pause(A)
    reports.wait_for("paused")
    assert kept.last == [(A, "paused", 49)]
    downloads.cancel(A)
    assert kept.last == []
    downloads.close()


def test_what_the_end_of_the_app_pauses_goes_on_the_next_time() -> None:
    reports, kept = Reports(), Kept()
    downloads = Downloads(reports.post, Script(a=[make_child(started(A), waits=True)]), keep=kept.keep)
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("running", "queued")
    downloads.close()
    reports.wait_for("paused", "queued")
    assert kept.last == [(A, "queued", 0), (B, "queued", 0)]


def test_a_click_counts_although_the_app_ends_before_the_child_has_followed() -> None:
    kept = Kept()
    script = Script(a=[make_child(started(A), waits=True)], b=[make_child(started(B), waits=True)])
    for name, told in ((A, [(A, "paused", 0)]), (B, [])):
        reports = Reports()
        downloads = Downloads(reports.post, script, keep=kept.keep)
        downloads.start(name)
        reports.wait_for("running")
        downloads.pause(name) if name == A else downloads.cancel(name)
        assert kept.last == told
        downloads.close()


def test_what_is_done_or_forgotten_is_not_kept_and_what_failed_is_with_its_reason() -> None:
    reports, kept = Reports(), Kept()
    script = Script(a=[make_child(Done("mlx", A, 1, 1))], b=[make_child(Failed("network", "No way."))])
    downloads = Downloads(reports.post, script, keep=kept.keep)
    downloads.start(A)
    downloads.start(B)
    reports.wait_for("done", "failed")
    assert kept.last == [(B, "failed", 0)]
    assert kept.all[-1].downloads[0].shown.problem == "No way."
    downloads.forget(B)
    assert kept.last == []
    downloads.close()


def test_the_pace_of_the_last_one_is_kept_once_it_was_steady() -> None:
    reports, kept, seconds = Reports(), Kept(), iter(range(100))
    child = make_child(started(A), *(Progress(done * 1000, 9000) for done in range(1, 10)), Done("mlx", A, 9000, 9000))
    downloads = Downloads(reports.post, Script(a=[child]), lambda: float(next(seconds)), keep=kept.keep)
    downloads.start(A)
    reports.wait_for("done")
    assert kept.all[-1] == Records((), 1000)
    downloads.close()
