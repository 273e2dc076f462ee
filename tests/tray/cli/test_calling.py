"""Waiting for what was asked of the running app."""

from __future__ import annotations

import pytest

from tray.cli.calling import Status, check_outcome, is_passing, wait_until_settled
from tray.control.instance import Instance
from tray.errors import ControlError

APP = Instance(1, 2, "t")


def test_it_waits_through_all_that_passes(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[Status] = [{"state": "loading"}, {"state": "failed", "retry_in_s": 1.0}, {"state": "ready"}]
    assert wait_until_settled(APP, {"state": "stopping"}, lambda _: told.pop(0), pause_s=0) == {"state": "ready"}
    assert capsys.readouterr() == ("", "")


def test_an_app_that_ends_meanwhile_is_told_with_where_the_reason_is() -> None:
    def look(_: Instance) -> Status:
        raise ControlError("the running app (pid 1) doesn't answer: refused")

    with pytest.raises(ControlError, match="If it has ended, `traypoint logs` tells why"):
        wait_until_settled(APP, {"state": "loading"}, look, pause_s=0)


def test_a_failure_that_waits_for_nothing_is_the_outcome() -> None:
    failed: Status = {"state": "failed", "retry_in_s": None, "failure": {"reason": "No file.", "advice": "Get one."}}
    assert not is_passing(failed)
    with pytest.raises(ControlError, match=r"^No file\. Get one\.$"):
        check_outcome(failed)
