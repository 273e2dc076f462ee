"""A browser for each file of tests, a tab for each test; skipped by name where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.endpoint.page.visitor import Visitor, find_missing, launch, visiting
from tests.endpoint.serving import Served, load_fake, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with the file: in its thread no other event loop can run."""
    missing = find_missing()
    if missing:
        pytest.skip(missing)
    with launch() as launched:
        yield launched


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Nobody may leave with a complaint."""
    with visiting(browser) as made:
        yield made
        assert made.complaints == []


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """An endpoint that writes an answer in steps that can be watched."""
    with serving(load_fake("echo,step_ms=4")) as running:
        yield running
