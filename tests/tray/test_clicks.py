"""Clicks on the prompt cache, and the figures that are shown of it. The endpoint's life is told in test_machine.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tray.actions import CacheReport, UserAction
from tray.clicks import advance_click
from tray.effects import ClearCache
from tray.figures import CacheFigures
from tray.lifecycle import Lifecycle, begin
from tray.machine import advance
from tray.state import SERVING, AppState, EndpointState

READY = Lifecycle(AppState(EndpointState.READY, port=8100), run=3, alive=True)
FIGURES = CacheFigures(ram=5)


@pytest.mark.parametrize("state", EndpointState)
def test_the_prompt_cache_can_be_cleared_just_while_the_endpoint_serves(state: EndpointState) -> None:
    life = replace(READY, app=replace(READY.app, endpoint=state))
    after, effects = advance_click(life, UserAction.CLEAR_CACHE)
    assert effects == ((ClearCache(3, "127.0.0.1", 8100),) if state in SERVING else ())
    assert after == life


def test_the_figures_of_the_running_endpoint_are_shown_until_another_begins() -> None:
    life, _ = advance(READY, CacheReport(3, FIGURES), 0.0)
    assert life.app.cache == FIGURES
    assert begin(life)[0].app.cache is None


def test_the_figures_of_an_earlier_endpoint_are_not_shown() -> None:
    assert advance(READY, CacheReport(2, FIGURES), 0.0) == (READY, ())
