"""One plain endpoint for the routes' tests: none of them changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint.serving import Served, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running
