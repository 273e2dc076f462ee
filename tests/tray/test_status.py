"""What `traypoint status` tells, of the same states that the menu is drawn from."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from endpoint.contract import HealthStatus
from tests.tray.menu.states import FIGURES, READY, STATES
from tray.actions import HealthReport
from tray.menu.menu import build_menu
from tray.options import Choices, merge
from tray.state import EndpointState
from tray.status import describe_status, observe

OPTIONS = merge(Choices(port=8123, provider="gguf"))


@pytest.mark.parametrize("name", STATES)
def test_its_lines_are_the_menus_first_ones_and_it_is_json(name: str) -> None:
    told = json.loads(json.dumps(describe_status(STATES[name])))
    labels = [item.label for item in build_menu(STATES[name])]
    assert told["lines"] == labels[: len(told["lines"])]
    assert told["state"] == STATES[name].endpoint.value


def test_figures_are_told_as_they_came_without_rounding() -> None:
    told = describe_status(READY)
    assert told["figures"] == {
        "uptime_min": 125,
        "requests": 1234,
        "failed": 2,
        "prefill_rate": 412.4,
        "decode_rate": 38.2,
        "n_ctx": 8192,
        "memory": {
            "weights": 98_000_000,
            "kv": 755_000_000,
            "prefixes": 34_200_000,
            "prefix_budget": 2_147_483_648,
            "disk": 1_204_000_000,
            "disk_budget": 10_000_000_000,
        },
        "reuse": {"hit_rate": 0.83, "cached_tokens": 123_456, "saved_s": 301.0},
        "last_error": "out of memory",
        "pressure": "",
    }


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (HealthReport(0, None), EndpointState.STOPPED),
        (HealthReport(0, HealthStatus.LOADING, progress=0.4), EndpointState.LOADING),
        (HealthReport(0, HealthStatus.HEALTHY, model="m", figures=FIGURES), EndpointState.READY),
        (HealthReport(0, HealthStatus.HEALTHY, model="m", queued=1), EndpointState.BUSY),
        (HealthReport(0, HealthStatus.STOPPING, active=1), EndpointState.STOPPING),
        (HealthReport(0, HealthStatus.FAILED, error="truncated"), EndpointState.FAILED),
        (HealthReport(0, HealthStatus.WEDGED, error="no step"), EndpointState.WEDGED),
    ],
)
def test_an_endpoint_that_no_app_runs_is_seen_as_the_app_would(report: HealthReport, state: EndpointState) -> None:
    seen = observe(OPTIONS, report)
    assert (seen.endpoint, seen.port, seen.provider) == (state, 8123, "llamacpp")
    assert seen == replace(seen, active=report.active, queued=report.queued, figures=report.figures)
    if report.error:
        assert seen.failure
        assert seen.failure.reason == report.error
