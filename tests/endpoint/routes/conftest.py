"""One plain endpoint for the routes' tests: none of them changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.fake_app import FakeApp
from tests.endpoint.serving import Served, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(open_store=Disk().open, link=FakeApp()) as running:
        yield running
