from __future__ import annotations

from collections.abc import Iterator

import pytest

from endpoint.providers.base import Provider
from tests.endpoint.providers.contenders import PLAIN, find_model
from tests.endpoint.providers.driving import opened


@pytest.fixture(scope="module", params=PLAIN)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """Each provider with its smallest model of attention alone, four rows."""
    model = find_model(request.param, tmp_path_factory.mktemp("model"))
    with opened(model) as loaded:
        yield loaded
