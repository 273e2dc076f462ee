from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from tests.tray.doctor.circumstances import make_circumstances, statuses
from tray.doctor.examination import CHECKS, examine
from tray.doctor.finding import Circumstances, Finding, Status


def fine(_: Circumstances) -> Sequence[Finding]:
    return [Finding("fine", Status.OK, "so it is")]


def broken(_: Circumstances) -> Sequence[Finding]:
    raise KeyError("bug")


def test_findings_come_in_the_checks_order_and_a_bug_in_one_is_told(tmp_path: Path) -> None:
    found = examine(make_circumstances(tmp_path), {"broken": broken, "fine": fine})
    assert statuses(found) == [Status.WARN, Status.OK]
    assert found[0].told == "the check itself failed: KeyError: 'bug'"


def test_a_check_that_hangs_is_told_and_holds_nothing_up(tmp_path: Path) -> None:
    released = threading.Event()

    def hanging(_: Circumstances) -> Sequence[Finding]:
        released.wait()
        return []

    found = examine(make_circumstances(tmp_path), {"drive": hanging, "fine": fine}, patience_s=0.2)
    released.set()
    assert [finding.told for finding in found] == ["no answer in time", "so it is"]


def test_every_check_has_something_to_say_here_and_what_to_do_about_it(tmp_path: Path) -> None:
    found = examine(make_circumstances(tmp_path, answer={"device": "GPU", "path": "/m.gguf", "bytes": 1}))
    assert len(found) >= len(CHECKS)
    assert all(finding.told for finding in found)
    assert [f for f in found if f.status in (Status.WARN, Status.FAIL) and not f.advice] == []
